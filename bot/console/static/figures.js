// Bars of a table's rows. The table says the same to whoever cannot see them.
"use strict";

const MOST = 31;

// What a variable of the style sheet is in the look at hand.
function colour(name) {
  const probe = document.createElement("i");
  probe.className = `paint-${name}`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function columns(text) {
  return [...text].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 2 : 1), 0);
}

// A name that is too long for its column begins its second part on a line of its own.
function parts(name, width) {
  return columns(name) * 7 > width ? name.split(" · ") : [name];
}

function draw(figure) {
  const rows = [...document.querySelectorAll(`#${figure.dataset.table} tr[data-values]`)]
    .map((row) => ({ name: row.dataset.name, values: row.dataset.values.split(" ").map(Number) }))
    .filter((row) => row.values.some((value) => value > 0))
    .slice(0, MOST);
  if (!rows.length) { figure.remove(); return; }
  const series = figure.dataset.series.split("|");
  const paints = figure.dataset.colours.split(" ");
  const narrow = figure.clientWidth < 560;
  const font = getComputedStyle(document.body).fontFamily;
  const ink = colour("ink"), soft = colour("soft"), line = colour("line"), panel = colour("panel");
  const widest = narrow ? 110 : Math.min(Math.max(...rows.map((row) => columns(row.name))) * 7 + 10, 300);
  const lines = narrow ? Math.max(...rows.map((row) => parts(row.name, widest).reduce((sum, part) => sum + Math.ceil((columns(part) * 7) / widest), 0))) : 1;
  figure.style.height = `${rows.length * Math.max(34, lines * 15 + 12) + 44}px`;
  const chart = echarts.getInstanceByDom(figure) || echarts.init(figure);
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: font, color: ink },
    grid: { left: widest + 14, right: 28, top: 6, bottom: 30 },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "none" }, confine: true, backgroundColor: panel, borderColor: line, textStyle: { color: ink, fontFamily: font, fontSize: 13 } },
    xAxis: { type: "value", minInterval: 1, splitNumber: narrow ? 3 : 6, axisLabel: { color: soft, fontFamily: font }, splitLine: { lineStyle: { color: line } } },
    yAxis: {
      type: "category", inverse: true, data: rows.map((row) => row.name), axisTick: { show: false }, axisLine: { lineStyle: { color: line } },
      axisLabel: { formatter: (name) => (narrow ? parts(name, widest).join("\n") : name), color: ink, fontFamily: font, fontSize: narrow ? 12 : 13, width: widest, overflow: narrow ? "break" : "truncate", lineHeight: 15 },
    },
    series: series.map((name, at) => ({
      name, type: "bar", stack: "all", barWidth: 18, itemStyle: { color: colour(paints[at]) },
      emphasis: { disabled: true }, data: rows.map((row) => row.values[at]),
    })),
  }, true);
  chart.resize();
}

function drawAll() {
  document.querySelectorAll("figure[data-table]").forEach(draw);
  document.documentElement.dataset.ready = "";
}
let waiting = 0;
addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 120); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
drawAll();

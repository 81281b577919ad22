// The flow's graph, laid out by Graphviz. The style sheet gives its colours.
"use strict";
// CSS pixels for each of Graphviz's points; text of 10 points is read on a telephone too
const SMALLEST = innerWidth < 640 ? 1.3 : 0.9, LARGEST = Math.max(SMALLEST, 1.25);
const holder = document.querySelector("[data-dot]");

const drawGraph = (viz) => {
  const svg = viz.renderSVGElement(holder.dataset.dot);
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const scale = Math.min(Math.max(holder.clientWidth / width, SMALLEST), LARGEST);
  svg.setAttribute("width", Math.floor(width * scale));
  svg.setAttribute("height", Math.floor(height * scale));
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", holder.dataset.label);
  svg.querySelectorAll("title").forEach((title) => title.remove()); // ids: they would pop up as tips
  holder.replaceChildren(svg);
  const first = svg.querySelector(".node").getBoundingClientRect(), frame = holder.getBoundingClientRect();
  holder.scrollLeft = first.left + first.width / 2 - frame.left - frame.width / 2;
};

const showGraph = () => Viz.instance().then(drawGraph).catch(() => {
  holder.firstElementChild.textContent = holder.dataset.none;
}).finally(() => {
  document.documentElement.dataset.ready = "";
});

document.addEventListener("looked", ({ detail: page }) => { // of a draft: while it is wrong the last graph stays
  const dot = page.querySelector("[data-dot]")?.dataset.dot;
  if (!dot || dot === holder.dataset.dot) return;
  holder.dataset.dot = dot;
  showGraph();
});
if (holder.dataset.dot) showGraph();

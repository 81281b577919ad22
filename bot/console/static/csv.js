// Every table can be taken along as CSV: as it is shown, without its buttons.
"use strict";

// A spreadsheet runs what begins with these signs; a quotation mark before them makes it words.
const RUNS = /^[=+\-@\t\r＝＋－＠]/, NUMBER = /^[+-]?[\d,]+(\.\d+)?%?$/;

function words(cell) {
  const copy = cell.cloneNode(true);
  copy.querySelectorAll("form, button, script").forEach((part) => part.remove());
  const text = copy.textContent.replace(/\s+/g, " ").trim();
  if (NUMBER.test(text)) return text.replace(/,/g, "");
  return RUNS.test(text) ? `'${text}` : text;
}

function csv(table) {
  const lines = [...table.rows].map((row) => [...row.cells].map((cell) => `"${words(cell).replace(/"/g, '""')}"`).join(","));
  return "\ufeff" + lines.join("\r\n") + "\r\n"; // the mark tells a spreadsheet that it is UTF-8
}

function take(table) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv;charset=utf-8" }));
  link.download = `${document.title.split(" · ")[0]} ${table.getAttribute("aria-label")}.csv`.replace(/[\\/:*?"<>|]/g, " ");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

document.querySelectorAll(".table-frame > table").forEach((table) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet csv";
  button.textContent = document.body.dataset.csv;
  button.setAttribute("aria-label", `${document.body.dataset.csv}: ${table.getAttribute("aria-label")}`);
  button.addEventListener("click", () => take(table));
  table.parentElement.after(button);
});

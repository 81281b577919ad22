// What was saved: served already, refused by the check, or waiting for somebody to publish it.

import { make, say, words, world } from "./api.js";

const place = document.getElementById("saved");
const atFirst = world.revision; // what the page was opened with is no news to it
const LOOKS = { served: "good", refused: "bad", waiting: "waits" };
let told = "";

export function saved(news) {
  const state = news.state === "served" && news.revision === atFirst ? "" : news.state;
  const now = JSON.stringify([state, state && news, news.again]);
  if (now === told) return; // a screen reader hears it once, and what was closed stays closed
  told = now;
  place.replaceChildren();
  place.className = state ? LOOKS[state] : "waits";
  if (state) {
    const same = state === "served" && !news.changes.length;
    place.append(make("p", "saved-title", same ? words.saved_same : words[`saved_${state}`]));
    place.append(list(state === "refused" ? news.findings.map(finding) : news.changes.map(change)));
    if (news.more) place.append(make("p", "", say("saved_more", { count: news.more })));
  }
  if (news.again.length) place.append(make("p", "saved-title", say("saved_again", { files: news.again.join(", ") })));
  if (!place.childElementCount) return;
  const close = make("button", "panel-close", words.saved_close);
  close.type = "button";
  close.addEventListener("click", () => place.replaceChildren());
  place.append(close);
}

function list(rows) {
  const all = make("ul");
  all.append(...rows);
  return all;
}

function finding(found) {
  const row = make("li");
  row.append(make("code", "", found.where), make("span", "", ` ${found[document.documentElement.lang === "en" ? "en" : "zh"]}`));
  return row;
}

function change({ file, name, what }) {
  const row = make("li");
  row.append(make("code", "", file), make("span", "", ` ${name} `), make("span", `what-${what}`, words[what]));
  return row;
}

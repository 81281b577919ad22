// The page: who is there, whose phone is open, what arrives by itself.

import { Trouble, clockTime, forget, keep, make, now, post, say, state, words, world } from "./api.js";
import { saved } from "./saved.js";
import { Phone, asked } from "./talk.js";
import { clear } from "./wire.js";

const POLL = 1500; // milliseconds
const LOOK = "shebao-look";
const wide = matchMedia("(min-width: 900px)");
const phones = new Map();
const byId = (id) => document.getElementById(id);
const persons = [...document.querySelectorAll(".person")].map((node) => ({
  who: Number(node.dataset.who), name: node.dataset.name, id: node.dataset.id, node,
}));

// --- residents ---
async function open(who, again = false) {
  const person = persons[who];
  const first = !state.talks[who]?.length;
  let phone = phones.get(who);
  if (!phone) {
    phone = new Phone(person, timePassed, close);
    phones.set(who, phone);
    byId("phones").append(phone.node);
    if (!state.open.includes(who)) state.open.push(who);
  }
  mark();
  show("stage");
  if (again) return;
  for (const each of phones.values()) each.node.classList.toggle("current", each === phone);
  phone.log.scrollTop = phone.log.scrollHeight;
  phone.node.scrollIntoView({ block: "nearest", inline: "nearest" });
  phone.find("h2").focus({ preventScroll: true });
  if (first) await phone.follow(true);
}

function close(phone) {
  phone.node.remove();
  phones.delete(phone.who);
  state.open = state.open.filter((who) => who !== phone.who);
  [...phones.values()].at(-1)?.node.classList.add("current");
  mark();
  persons[phone.who].node.focus();
}

function mark() {
  keep();
  document.body.classList.toggle("talking", phones.size > 0);
  for (const { who, node } of persons) {
    node.querySelector(".person-open").hidden = !phones.has(who);
    node.classList.toggle("is-open", phones.has(who));
  }
}

// --- what comes by itself ---
async function look() {
  const who = [...phones.values()].filter((phone) => !phone.pending).map((phone) => phone.who);
  if (document.hidden) return;
  try {
    const answer = await post("late", { who, revision: world.revision });
    trouble("");
    follow(answer.content, answer.ahead);
    saved(answer.saved);
    for (const [each, shown] of Object.entries(answer.late)) phones.get(Number(each))?.late(shown);
  } catch (e) {
    if (!(e instanceof Trouble)) throw e;
    trouble(e.message);
  }
}

// Menu and places of what is served now; the clock, which another tab may have moved.
function follow(content, ahead) {
  if (content) {
    Object.assign(world, content);
    for (const phone of phones.values()) phone.menu();
    placesToChoose();
  }
  world.ahead = ahead;
  tick();
}

function placesToChoose() {
  const which = byId("place-which");
  which.replaceChildren(...world.places.map(({ name }, n) => new Option(name, n)));
}

function trouble(text) {
  const place = byId("trouble");
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

async function timePassed(ahead) {
  world.ahead = ahead;
  const text = say("note_time", { time: clockTime(now()) });
  for (const phone of phones.values()) phone.add({ by: "note", text });
  tick();
  keep();
  await look();
}

function tick() {
  const minutes = Math.floor(world.ahead / 60);
  byId("clock").textContent = clockTime(now());
  byId("ahead").textContent = minutes ? say("clock_ahead", { span: spanOf(minutes) }) : "";
}

const spanOf = (minutes) =>
  minutes < 60 ? say("minutes", { n: minutes }) : minutes < 2880 ? say("hours", { n: (minutes / 60).toFixed(1) }) : say("days", { n: Math.floor(minutes / 1440) });

// --- panels ---
function show(view) {
  document.body.dataset.view = view;
  if (view !== "stage" && view !== "wire") byId(view).scrollTop = 0;
  expanded();
}

function expanded() {
  const wireShown = wide.matches ? document.body.classList.contains("wire-open") : document.body.dataset.view === "wire";
  byId("show-wire").setAttribute("aria-expanded", String(wireShown));
  byId("show-people").setAttribute("aria-expanded", String(document.body.dataset.view === "people"));
}

function toggleWire() {
  if (wide.matches) document.body.classList.toggle("wire-open");
  else return show(document.body.dataset.view === "wire" ? "stage" : "wire");
  expanded();
}

function dress(look) {
  if (look) document.body.dataset.weuiTheme = look;
  else delete document.body.dataset.weuiTheme;
}

function otherLook() {
  const dark = getComputedStyle(document.body).colorScheme === "dark"
    || (!document.body.dataset.weuiTheme && matchMedia("(prefers-color-scheme: dark)").matches);
  const look = dark ? "light" : "dark";
  localStorage.setItem(LOOK, look);
  dress(look);
}

function find() {
  const wanted = byId("find").value.trim().toLowerCase();
  let left = 0;
  for (const { node } of persons) {
    const there = node.textContent.toLowerCase().includes(wanted);
    node.parentElement.hidden = !there;
    left += there;
  }
  byId("nobody").textContent = left ? "" : byId("nobody").dataset.words;
}

async function restart() {
  if ((await asked(byId("restart-dialog"))) !== "yes") return;
  try {
    await post("restart", {});
  } catch (e) {
    return trouble(e.message);
  }
  for (const phone of phones.values()) phone.node.remove();
  phones.clear();
  forget();
  clear();
  tick();
  mark();
  show("stage");
  byId("stage").focus();
}

document.addEventListener("click", (e) => {
  const chosen = e.target.closest("[data-who]:is(button)");
  if (chosen) open(Number(chosen.dataset.who));
});
byId("show-people").addEventListener("click", () => show(document.body.dataset.view === "people" ? "stage" : "people"));
byId("show-wire").addEventListener("click", toggleWire);
byId("look").addEventListener("click", otherLook);
byId("find").addEventListener("input", find);
byId("restart").addEventListener("click", restart);
for (const button of document.querySelectorAll("[data-close]"))
  button.addEventListener("click", () => {
    if (wide.matches && button.dataset.close === "wire") document.body.classList.remove("wire-open");
    show("stage");
    byId(`show-${button.dataset.close}`).focus();
  });
document.addEventListener("keydown", (e) => {
  if (e.key === "Escape" && !wide.matches && document.body.dataset.view !== "stage") show("stage");
});
document.addEventListener("focusin", (e) => {
  const here = e.target.closest(".phone");
  if (here) for (const phone of phones.values()) phone.node.classList.toggle("current", phone.node === here);
});
wide.addEventListener("change", expanded);

dress(localStorage.getItem(LOOK));
document.body.classList.toggle("wire-open", matchMedia("(min-width: 1280px)").matches);
state.open.filter((who) => persons[who]).forEach((who) => open(who, true));
[...phones.values()].at(-1)?.node.classList.add("current");
for (const phone of phones.values()) phone.log.scrollTop = phone.log.scrollHeight;
show("stage");
placesToChoose();
tick();
setInterval(tick, 10_000);
setInterval(look, POLL);
document.documentElement.dataset.ready = "yes";

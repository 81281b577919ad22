// Calls to the phone's own endpoints, and what this tab remembers.

const token = document.querySelector('meta[name="phone-token"]').content;
export const words = JSON.parse(document.body.dataset.words);
// what the page shows of the content that is served, and how far the clock is ahead: both may change
export const world = { ...JSON.parse(document.body.dataset.content), ahead: Number(document.body.dataset.ahead) };
export const say = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

const KEPT = "shebao-phone";
const fresh = () => ({ tab: newTab(), open: [], talks: {}, unfollowed: [] });
const newTab = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => (n % 36).toString(36)).join("");
export const state = read();

function read() {
  try {
    return { ...fresh(), ...JSON.parse(sessionStorage.getItem(KEPT) || "{}") };
  } catch {
    return fresh();
  }
}

export function keep() {
  for (const talk of Object.values(state.talks)) talk.splice(0, talk.length - 200);
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(state));
  } catch {
    // a full or forbidden store only means that a reload begins anew
  }
}

export function forget() {
  Object.assign(state, fresh());
  keep();
}

export class Trouble extends Error {}

// `refusals`: by status, which words say what is wrong.
export async function post(path, asked, body = null, refusals = {}) {
  let answer;
  try {
    answer = await fetch(`/phone/${path}`, {
      method: "POST",
      headers: { "X-Phone-Token": token, "Content-Type": body ? body.type : "application/json" },
      body: body ?? JSON.stringify({ tab: state.tab, ...asked }),
    });
  } catch {
    throw new Trouble(words.note_failed);
  }
  if (answer.ok) return answer.json();
  const known = { 403: words.note_stale, 409: words.note_nothing, 413: words.note_picture, 415: words.note_picture };
  throw new Trouble(words[refusals[answer.status]] ?? known[answer.status] ?? words.note_failed);
}

export const now = () => new Date(Date.now() + world.ahead * 1000);
export const clockTime = (date) =>
  date.toLocaleString(document.documentElement.lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });

export function make(name, className = "", text = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

export const languageOf = (text) => (/[\u3400-\u9fff]/.test(text) ? "zh-CN" : "en");

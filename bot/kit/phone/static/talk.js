// One resident's phone: its bubbles, its menu, and what the resident can do.

import { Trouble, keep, languageOf, make, post, say, state, words, world } from "./api.js";
import { bubble, noted, typing } from "./bubble.js";
import { menuBar } from "./menu.js";
import { record } from "./wire.js";

const SLOW = 300; // milliseconds before the account is seen typing
const HALF_HOUR = 1830; // CreateTime may be some seconds ahead of the clock, and timers go by it
const IN_ENGLISH = "English"; // what a resident writes to be answered in it

export class Phone {
  constructor(person, onTime, onClose) {
    Object.assign(this, { person, who: person.who, onTime, onClose, pending: 0, lastShown: "", atEnd: true });
    this.node = document.getElementById("phone-template").content.firstElementChild.cloneNode(true);
    this.node.dataset.who = this.who;
    this.node.setAttribute("aria-label", say("chat_of", { name: person.name }));
    this.log = this.find(".log");
    this.log.setAttribute("aria-label", say("chat_of", { name: person.name }));
    this.input = this.find(".say");
    this.avatar = this.find(".avatar");
    this.avatar.textContent = person.name[0];
    this.avatar.classList.add(`hue-${this.who % 6}`);
    this.log.addEventListener("scroll", () => (this.atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40));
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.log);
    this.find(".webpage button").addEventListener("click", () => this.closePage());
    this.quiet();
    this.quick();
    this.listen();
    this.subscribed = !state.unfollowed.includes(this.who);
    this.menu();
    this.talk = state.talks[this.who] ??= [];
    this.talk.forEach((entry) => this.show(entry));
  }

  find(selector) {
    return this.node.querySelector(selector);
  }

  // --- what the resident does ---
  async send(asked, entry) {
    this.add(entry);
    await this.deliver("send", { ...asked, twice: document.getElementById("twice").checked });
  }

  say(text, tap = "") {
    return this.send({ kind: "text", text, tap }, { by: "me", text });
  }

  async deliver(path, asked) {
    this.pending += 1;
    const slow = setTimeout(() => this.types(true), SLOW);
    try {
      const mode = document.getElementById("mode").value;
      const { exchanges } = await post(path, { who: this.who, mode, ...asked });
      exchanges.forEach((exchange) => record(this.person.name, exchange));
      this.answered(path, exchanges);
    } catch (e) {
      this.fail(e);
    } finally {
      clearTimeout(slow);
      this.pending -= 1;
      if (!this.pending) this.types(false);
    }
  }

  answered(path, exchanges) {
    const answers = exchanges.map((exchange) => JSON.stringify(exchange.shown));
    const same = answers.every((answer) => answer === answers[0]);
    if (path === "again") {
      const before = answers[0] === this.lastShown;
      this.note("note_again");
      if (!before) this.add({ by: "them", ...exchanges[0].shown });
      this.note(before ? "note_again_same" : "note_again_other");
      return;
    }
    this.lastShown = answers[0];
    this.add({ by: "them", ...exchanges[0].shown });
    if (answers.length === 1) return;
    if (!same) this.add({ by: "them", ...exchanges[1].shown });
    this.note(same ? "note_twice_same" : "note_twice_other");
  }

  async follow(yes) {
    this.followed(yes);
    this.note(yes ? "note_followed" : "note_unfollowed");
    state.unfollowed = state.unfollowed.filter((who) => who !== this.who).concat(yes ? [] : [this.who]);
    await this.deliver("send", { kind: yes ? "subscribe" : "unsubscribe" });
  }

  async press({ name, key, url }) {
    this.note("note_tap", { name });
    if (url) this.note("note_url", { url });
    await this.deliver("send", { kind: key ? "CLICK" : "VIEW", key: key || url });
  }

  // A page of ours, inside the phone, whatever this machine is called in its address.
  open(url) {
    const { pathname, search } = new URL(url);
    const sheet = this.find(".webpage");
    sheet.querySelector("iframe").src = pathname + search;
    sheet.hidden = false;
    sheet.querySelector("button").focus();
  }

  closePage() {
    this.find(".webpage").hidden = true;
    this.find(".webpage iframe").src = "about:blank";
    this.input.focus();
  }

  async picture(image) {
    try {
      const { media } = await post("media", {}, image);
      await this.send({ kind: "image", media }, { by: "me", media });
    } catch (e) {
      this.fail(e);
    }
  }

  // --- what the page shows ---
  add(entry) {
    this.talk.push(entry);
    keep();
    this.show(entry);
  }

  note(name, values = {}) {
    this.add({ by: "note", text: say(name, values) });
  }

  fail(e) {
    if (!(e instanceof Trouble)) throw e;
    this.add({ by: "note", text: e.message, bad: true });
  }

  late(shown) {
    this.note("note_late");
    for (const each of shown) this.add({ by: "them", ...each });
  }

  show(entry) {
    const bad = { refused: "note_refused", broken: "note_broken" }[entry.kind];
    const row = entry.by === "note" ? noted(entry.text, entry.bad)
      : entry.kind === "nothing" ? (this.subscribed === false ? null : noted(words.note_none))
      : entry.kind === "person" ? noted(words.note_transfer)
      : bad ? noted(say(bad, entry), true)
      : bubble(entry, this.avatar, (text, tap) => this.subscribed && this.say(text, tap), (url) => this.open(url));
    if (!row) return;
    this.log.append(row, ...this.log.querySelectorAll(".typing")); // which stays last
    row.querySelector(".picture")?.addEventListener("load", () => this.toEnd());
    this.toEnd();
  }

  types(yes) {
    this.find(".typing")?.remove();
    this.quiet(yes);
    if (!yes) return;
    this.log.append(typing());
    this.toEnd();
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  quiet(typing = false) {
    this.find(".phone-status").textContent = typing ? words.typing : say("you_are", { name: this.person.name });
  }

  followed(yes) {
    this.subscribed = yes;
    this.node.classList.toggle("left", !yes);
    this.find('[data-do="follow"]').textContent = yes ? words.unfollow : words.follow;
    for (const control of this.node.querySelectorAll(".composer :is(input, button), .menu button, .quick button"))
      control.disabled = !yes;
  }

  quick() {
    const english = document.documentElement.lang === "en" ? [["", IN_ENGLISH]] : [];
    for (const [name, text] of [["my_id", this.person.id], ["my_name", this.person.name], ...english]) {
      const button = make("button", "", "");
      button.type = "button";
      button.dataset.quick = name;
      const value = make("b", "", text);
      value.lang = languageOf(text);
      button.append(...(name ? [make("span", "", words[name])] : []), value);
      button.addEventListener("click", () => this.say(text));
      this.find(".quick").append(button);
    }
  }

  // Anew whenever another one is served.
  menu() {
    const bar = menuBar(world.menu, (to) => this.press(to), (...both) => this.disclose(...both), () => this.fold());
    this.find(".menu").replaceChildren(...bar);
    this.followed(this.subscribed);
  }

  // --- what is pressed ---
  listen() {
    this.find(".composer").addEventListener("submit", (e) => {
      e.preventDefault();
      const text = this.input.value.trim();
      this.input.value = "";
      if (text) this.say(text);
    });
    this.opens(".tools", ".tool-sheet");
    this.opens(".add", ".add-sheet");
    for (const button of this.node.querySelectorAll("[data-do]"))
      button.addEventListener("click", () => {
        this.fold();
        this[button.dataset.do === "follow" ? "toggleFollow" : button.dataset.do]();
      });
    this.find("input[type=file]").addEventListener("change", (e) => {
      if (e.target.files[0]) this.picture(e.target.files[0]);
      e.target.value = "";
    });
    this.node.addEventListener("keydown", (e) => {
      const open = this.node.querySelector('[aria-expanded="true"]');
      if (e.key !== "Escape" || !open) return;
      this.fold();
      open.focus();
    });
    this.node.addEventListener("click", (e) => {
      if (!e.target.closest(".sheet, .menu, [aria-expanded]")) this.fold();
    });
  }

  opens(button, sheet) {
    this.disclose(this.find(button), this.find(sheet));
  }

  disclose(button, panel) {
    button.addEventListener("click", () => {
      const opening = panel.hidden;
      this.fold();
      panel.hidden = !opening;
      button.setAttribute("aria-expanded", String(opening));
    });
  }

  fold() {
    for (const panel of this.node.querySelectorAll(".sheet, .menu-list")) panel.hidden = true;
    for (const button of this.node.querySelectorAll('[aria-expanded="true"]')) button.setAttribute("aria-expanded", "false");
  }

  toggleFollow() {
    return this.follow(!this.subscribed);
  }

  again() {
    return this.deliver("again", {});
  }

  async replay() {
    try {
      const { name, text, turns, differs } = await post("replay", { who: this.who }, null, { 409: "note_replay_none", 422: "note_replay_cannot" });
      const link = make("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
      link.download = name;
      link.click();
      URL.revokeObjectURL(link.href);
      this.note(differs ? "note_replay_differs" : "note_replay", { name, turns, differs });
    } catch (e) {
      this.fail(e);
    }
  }

  speakEnglish() {
    return this.say(IN_ENGLISH);
  }

  close() {
    this.onClose(this);
  }

  rejected() {
    return this.bureau("rejected");
  }

  ready() {
    return this.bureau("ready");
  }

  posted() {
    return this.bureau("posted");
  }

  async bureau(state) {
    try {
      const { known, waits } = await post("bureau", { who: this.who, state }, null, { 409: "note_bureau_none" });
      this.note(!known ? "note_bureau_unknown" : waits ? "note_bureau_waits" : "note_bureau");
    } catch (e) {
      this.fail(e);
    }
  }

  async halfHour() {
    try {
      const { ahead } = await post("time", { who: state.open, seconds: HALF_HOUR });
      this.onTime(ahead);
    } catch (e) {
      this.fail(e);
    }
  }

  async sample() {
    const image = await fetch("/phone/static/sample.png");
    await this.picture(await image.blob());
  }

  pick() {
    this.find("input[type=file]").click();
  }

  async place() {
    const dialog = document.getElementById("place-dialog");
    if ((await asked(dialog)) !== "send") return;
    const { name, lat, lon } = world.places[document.getElementById("place-which").value];
    await this.send({ kind: "location", lat, lon, label: name }, { by: "me", place: name });
  }

  async voice() {
    const dialog = document.getElementById("voice-dialog");
    const heard = document.getElementById("voice-words");
    heard.value = "";
    if ((await asked(dialog)) !== "send") return;
    await this.send({ kind: "voice", text: heard.value }, { by: "me", voice: heard.value });
  }
}

export function asked(dialog) {
  dialog.returnValue = "";
  dialog.querySelector("button[type=button]").onclick = () => dialog.close();
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue), { once: true }));
}

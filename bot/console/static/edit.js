// Checks what is typed, and moves the phone on, without leaving the page. Without this every button still works.
"use strict";
const form = document.getElementById("editing"), PAUSE = 500, BUSY = 3000;
let timer = 0, latest = 0;

const tell = (words, address = "") => {
  const note = document.createElement("p");
  note.className = "note bad";
  note.setAttribute("role", "alert");
  note.append(words);
  if (address) note.append(" ", Object.assign(document.createElement("a"), { href: address, target: "_blank", rel: "noopener", textContent: form.dataset.signIn }));
  document.getElementById("found").replaceChildren(note);
};

const look = async (button, again = true) => {
  const number = ++latest, sent = new FormData(form, button);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(document.getElementById("check").formAction, { method: "POST", body: sent });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (number !== latest) return;
    if (answer.status === 503 && !button) timer = setTimeout(look, BUSY, undefined);
    const token = page.querySelector("#kept [name=token]")?.value;
    if (token && again) { // signed in again in another window
      form.elements.token.value = token;
      await look(button, false);
    } else if (!page.getElementById("editing")) {
      tell(page.querySelector(".note")?.textContent ?? form.dataset.offline, page.getElementById("sign-in")?.getAttribute("href"));
    } else {
      const typing = document.activeElement?.id === "say" && !button;
      for (const id of typing ? ["found"] : ["found", "phone"]) document.getElementById(id).replaceWith(page.getElementById(id));
      document.dispatchEvent(new CustomEvent("looked", { detail: page }));
      if (button) document.getElementById("say")?.focus({ preventScroll: true });
      down();
    }
  } catch {
    if (number === latest) tell(form.dataset.offline);
  } finally {
    if (number === latest) form.removeAttribute("aria-busy");
  }
};

const down = () => {
  const chat = document.querySelector("#phone .chat");
  if (chat) chat.scrollTop = chat.scrollHeight;
};

form.addEventListener("input", (event) => {
  if (event.target.id === "say") return;
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE, undefined);
});
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.id !== "say") return;
  event.preventDefault(); // the form's first button is another
  document.getElementById("send").click();
});
form.addEventListener("submit", (event) => {
  clearTimeout(timer);
  if (event.submitter?.id === "save") return;
  event.preventDefault();
  look(event.submitter);
});
down();
if ("unchecked" in form.dataset) look();

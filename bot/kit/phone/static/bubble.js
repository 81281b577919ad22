// What stands in a conversation: notes, bubbles, and the account typing.

import { languageOf, make, words } from "./api.js";

export function noted(text, bad = false) {
  const row = make("p", bad ? "note bad" : "note", text);
  row.lang = languageOf(text);
  return row;
}

// `avatar`: the resident's, to be copied. `tapped` takes what the tapped answer says, and its id; `opened` the
// address of a link.
export function bubble(entry, avatar, tapped, opened) {
  const mine = entry.by === "me";
  const row = make("div", mine ? "row me" : "row them");
  const said = make("div", "bubble");
  said.append(make("span", "unseen", `${mine ? words.me : words.them}: `));
  if (entry.media) {
    said.classList.add("has-picture");
    said.append(picture(entry.media, mine ? words.image : words.image_them));
  } else if (entry.place || entry.voice !== undefined) {
    const title = entry.place ? words.location_said : words.voice_said;
    said.append(make("strong", "what", title), make("span", "", entry.place ?? entry.voice));
  } else if (mine) {
    const text = make("span", "", entry.text);
    text.lang = languageOf(entry.text);
    said.append(text);
  } else {
    said.lang = languageOf(entry.parts.map((part) => part.text ?? part.label).join(""));
    said.append(...entry.parts.map((part) => (part.text !== undefined ? make("span", "", part.text)
      : part.url ? tap({ label: part.label, said: part.url }, opened) : tap(part, tapped))));
  }
  row.append(mine ? avatar.cloneNode(true) : face(), said);
  return row;
}

function picture(media, alt) {
  const image = make("img", "picture");
  image.alt = alt;
  image.src = `/phone/media/${media}`;
  return image;
}

// Not a button element: that would not break into lines as words do.
function tap({ label, said, tap: id }, tapped) {
  const link = make("a", "tap", label);
  link.href = "#";
  link.setAttribute("role", "button");
  link.addEventListener("click", (e) => {
    e.preventDefault();
    tapped(said, id);
  });
  link.addEventListener("keydown", (e) => {
    if (e.key !== " ") return;
    e.preventDefault();
    link.click();
  });
  return link;
}

export function typing() {
  const row = make("div", "row them typing");
  const dots = make("div", "bubble");
  dots.append(make("i"), make("i"), make("i"));
  row.setAttribute("aria-hidden", "true");
  row.append(face(), dots);
  return row;
}

function face() {
  const icon = make("img", "avatar");
  icon.src = "/phone/static/icon.svg";
  icon.alt = "";
  return icon;
}

// The account's menu bar, from what is served now.

import { make } from "./api.js";

// `press` takes a chosen button's name, key and url; `disclose` opens and closes a list with its button.
export function menuBar(menu, press, disclose, fold) {
  return menu.map((top) => {
    const place = make("div", "menu-top");
    const button = plain(top.name, "menu-button");
    place.append(button);
    if (!top.sub.length) {
      button.addEventListener("click", () => press(top));
      return place;
    }
    const mark = make("span", "menu-mark");
    mark.setAttribute("aria-hidden", "true");
    button.prepend(mark);
    button.setAttribute("aria-expanded", "false");
    const list = make("ul", "menu-list");
    list.hidden = true;
    list.append(...top.sub.map((sub) => {
      const choice = plain(sub.name);
      choice.addEventListener("click", () => {
        fold();
        button.focus();
        press(sub);
      });
      const item = make("li");
      item.append(choice);
      return item;
    }));
    place.append(list);
    disclose(button, list);
    return place;
  });
}

function plain(name, className = "") {
  const button = make("button", className, name);
  button.type = "button";
  return button;
}

// The drawer: what travelled, newest first.

import { make, words } from "./api.js";

const list = document.getElementById("exchanges");
const empty = document.getElementById("wire-empty");
const MOST = 60;

export function record(name, exchange) {
  empty.hidden = true;
  const row = make("li");
  const details = make("details");
  const summary = make("summary");
  const good = exchange.status === 200;
  const kind = /<MsgType><!\[CDATA\[(\w+)/.exec(exchange.plain)?.[1] ?? "";
  const event = /<Event><!\[CDATA\[(\w+)/.exec(exchange.plain)?.[1];
  const said = /<(?:Content|EventKey|Recognition|Label)><!\[CDATA\[(.*?)\]\]>/s.exec(exchange.plain)?.[1] ?? "";
  const who = make("span", "wire-who", name);
  who.lang = "zh-CN";
  who.append(make("small", "", said));
  summary.append(
    who,
    make("code", "wire-kind", event ?? kind),
    make("span", good ? "wire-status" : "wire-status bad", String(exchange.status)),
    make("span", "wire-ms", `${exchange.ms} ms`),
  );
  details.append(summary);
  part(details, words.wire_request, exchange.line);
  part(details, words.wire_plain, exchange.plain);
  if (exchange.sent) part(details, words.wire_sent, exchange.sent);
  part(details, words.wire_reply, exchange.answer || `${exchange.status}`);
  if (exchange.body !== exchange.answer) part(details, words.wire_back, exchange.body);
  row.append(details);
  list.prepend(row);
  while (list.children.length > MOST) list.lastChild.remove();
}

export function clear() {
  list.replaceChildren();
  empty.hidden = false;
}

function part(details, title, text) {
  details.append(make("h3", "", title), make("pre", "", text));
}

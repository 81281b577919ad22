// The file's text box as an editor. Without this the box itself is edited, and checked by its button.
import {
  EditorState, EditorView, autocompletion, bracketMatching, classHighlighter, completionKeymap, defaultKeymap, drawSelection,
  highlightActiveLine, highlightActiveLineGutter, highlightSelectionMatches, history, historyKeymap, indentUnit, keymap, lineNumbers,
  lintGutter, lintKeymap, search, searchKeymap, setDiagnostics, syntaxHighlighting, yaml,
} from "./codemirror/codemirror.min.js";

const box = document.getElementById("text"), form = document.getElementById("editing");
const WORD = /[A-Za-z0-9_.]*/;

const complete = async (context) => {
  const word = context.matchBefore(WORD);
  if (!context.explicit && word.from === word.to && !/[{[:,] ?$|^ *-? ?$/.test(context.state.doc.lineAt(context.pos).text.slice(0, context.pos - context.state.doc.lineAt(context.pos).from))) return null;
  const asked = new FormData(form);
  asked.set("text", context.state.doc.toString());
  asked.set("at", [...context.state.sliceDoc(0, context.pos)].length);
  try {
    const answer = await fetch(box.dataset.complete, { method: "POST", body: asked });
    const found = answer.ok ? await answer.json() : [];
    if (!found.length) return null;
    return {
      from: word.from, validFor: WORD,
      options: found.map(({ name, about, key }) => ({
        label: name, detail: about || (key ? box.dataset.key : ""), type: key ? "property" : "constant",
        apply: key && !context.state.sliceDoc(context.pos, context.pos + 20).match(/^\w*:/) ? `${name}: ` : name,
      })),
    };
  } catch {
    return null; // offline: the check says so
  }
};

const view = new EditorView({
  doc: box.value,
  extensions: [
    EditorView.cspNonce.of(box.dataset.nonce),
    EditorState.phrases.of(JSON.parse(box.dataset.phrases)),
    EditorState.tabSize.of(2),
    EditorState.readOnly.of(box.readOnly),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": box.labels[0].textContent, spellcheck: "false", autocapitalize: "off", tabindex: "0" }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      box.value = update.state.doc.toString();
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }),
    indentUnit.of("  "), yaml(), syntaxHighlighting(classHighlighter), bracketMatching(), history(), drawSelection(), lineNumbers(), lintGutter(),
    highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), search({ top: true }),
    autocompletion({ override: [complete], activateOnTypingDelay: 250, tooltipClass: () => "code" }),
    keymap.of([
      { key: "Mod-s", preventDefault: true, run: () => (document.getElementById("save")?.click(), true) },
      ...completionKeymap, ...lintKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap,
    ]),
  ],
});
box.hidden = true;
box.after(view.dom);
box.labels[0].addEventListener("click", () => view.focus());

const place = ({ line, col }) => {
  const at = view.state.doc.line(Math.min(Math.max(Number(line), 1), view.state.doc.lines));
  const from = Math.min(at.from + [...at.text].slice(0, col - 1).join("").length, at.to);
  const word = /^[\p{L}\p{N}_.]+/u.exec(view.state.sliceDoc(from, at.to))?.[0].length ?? 1;
  return { from, to: Math.min(from + word, at.to) };
};

const mark = () => {
  const found = [...document.querySelectorAll("#found [data-line]")].map(({ dataset }) => ({ ...place(dataset), severity: dataset.severity, message: dataset.says }));
  view.dispatch(setDiagnostics(view.state, found.sort((a, b) => a.from - b.from)));
};

document.addEventListener("click", (event) => {
  const finding = event.target.closest("#found [data-line]");
  if (!finding) return;
  event.preventDefault();
  view.dispatch({ selection: { anchor: place(finding.dataset).from }, effects: EditorView.scrollIntoView(place(finding.dataset).from, { y: "center" }) });
  view.focus();
});
document.addEventListener("looked", mark);
mark();
document.documentElement.dataset.editor = "";

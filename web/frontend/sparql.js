// The query page with JavaScript: an editor in place of the text field, which stays in the form and holds the text.
// The editor lives in a shadow root: its style sheets are constructed there, which the content security policy allows.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";
import { completer, loadTerms } from "./complete.js";
import * as past from "./history.js";

const LONGEST = 6000; // bytes: a longer query is deflated into the address
const LONGEST_ADDRESS = 7000; // what is longer even so is sent by POST, and has no address

const COLOURS = `
:host { display: block; --keyword: #0a4d76; --name: #6b2f6b; --string: #2d5d3f; --number: #8a4b00; --remark: #5d6872; --active: #f5f1e4; --chosen: #d6e6f2; }
@media (prefers-color-scheme: dark) {
  :host { --keyword: #8ccaf0; --name: #e0b4e8; --string: #9ad4ac; --number: #e8bb61; --remark: #a3adb6; --active: #1f2831; --chosen: #264257; }
}
.cm-editor :is(.cm-content, .cm-gutters) { min-height: calc(var(--first) - 2px); }
:host(:not(.used)) .cm-editor .cm-scroller { max-height: calc(var(--first) - 2px); overflow: hidden; }
.hint { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--sheet)", border: "1px solid #7a8791", borderRadius: "4px", fontSize: "0.94rem" },
  "&.cm-focused": { outline: "3px solid #ffcf33", outlineOffset: "2px", boxShadow: "0 0 0 5px #11181e" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", maxHeight: "34rem" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--faint)", color: "var(--soft)", border: "0", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--chosen)" },
  ".cm-selectionMatch": { backgroundColor: "var(--mark)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--mark)", outline: "1px solid var(--mark-line)" },
  ".cm-tooltip": { backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid #7a8791", borderRadius: "4px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "16rem", maxWidth: "min(44rem, 92vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.5rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--bar)", color: "#fff" },
  ".cm-completionDetail": { fontStyle: "normal", fontFamily: "var(--sans)", color: "var(--soft)", marginLeft: "0.8rem" },
  "li[aria-selected] .cm-completionDetail": { color: "#fff" },
  ".cm-completionIcon": { display: "none" },
  ".cm-tooltip.cm-completionInfo": { fontFamily: "var(--sans)", maxWidth: "22rem" },
  "@media (max-width: 48rem)": { ".cm-tooltip.cm-completionInfo": { display: "none" } },
  ".cm-panels": { backgroundColor: "var(--faint)", color: "var(--ink)" },
  ".cm-diagnostic": { fontFamily: "var(--sans)" },
});

const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, color: "var(--keyword)", fontWeight: "600" },
    { tag: [tags.namespace, tags.propertyName, tags.className], color: "var(--name)" },
    { tag: tags.variableName, color: "var(--ink)" },
    { tag: tags.string, color: "var(--string)" },
    { tag: [tags.integer, tags.float, tags.bool, tags.annotation], color: "var(--number)" },
    { tag: tags.comment, color: "var(--remark)", fontStyle: "italic" },
  ]),
);

// Typed over a selection of several lines, Chromium would put style attributes into the text, which the policy reports.
const typingOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main } = view.state.selection;
    if (event.inputType !== "insertText" || !event.data || event.isComposing || main.empty) return false;
    const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type" });
    event.preventDefault();
    const handled = view.state
      .facet(EditorView.inputHandler)
      .some((handler) => handler(view, main.from, main.to, event.data, insert));
    if (!handled) view.dispatch(insert());
    return true;
  },
});

const form = document.querySelector("form.editor");
const field = form?.querySelector("textarea");
if (field) start();

function start() {
  const host = document.createElement("div");
  host.className = "code";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(COLOURS);
  root.adoptedStyleSheets = [sheet];
  const hint = document.createElement("p");
  hint.id = "hint";
  hint.className = "hint";
  hint.textContent = "Control and Enter run the query. Tab indents; Escape, then Tab, leaves the editor.";
  root.append(hint);
  host.style.setProperty("--first", `${field.offsetHeight}px`); // the editor takes the room of the field: nothing moves
  host.addEventListener("focusin", () => host.classList.add("used"), { once: true });
  field.before(host);

  const run = () => {
    form.requestSubmit(form.querySelector("button"));
    return true;
  };
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: field.value.replace(/\s+$/, "\n"),
      extensions: [
        keymap.of([{ key: "Mod-Enter", run }, { key: "Ctrl-Enter", run }, { key: "Tab", run: acceptCompletion }]),
        lineNumbers(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        drawSelection(),
        history(),
        bracketMatching(),
        closeBrackets(),
        indentUnit.of("  "),
        typingOver,
        sparql(),
        colours,
        theme,
        EditorView.lineWrapping,
        autocompletion({ override: [completer(field.dataset.terms)], maxRenderedOptions: 60 }),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...lintKeymap, ...defaultKeymap, indentWithTab]),
        EditorView.contentAttributes.of({
          "aria-label": "SPARQL query",
          "aria-describedby": "hint",
          ...(field.getAttribute("aria-invalid") ? { "aria-invalid": "true" } : {}),
          spellcheck: "false",
          autocapitalize: "off",
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) field.value = update.state.doc.toString();
        }),
      ],
    }),
  });
  field.hidden = true;
  document.querySelector("label[for=query]")?.addEventListener("click", () => view.focus());
  for (const element of document.querySelectorAll("[data-with-editor]")) element.hidden = false;
  field.addEventListener("focus", () => view.focus());
  view.contentDOM.addEventListener("focus", () => loadTerms(field.dataset.terms), { once: true });

  markError(view);
  keepHistory(view);
  form.addEventListener("submit", (event) => submit(event, view));
  host.editor = view; // for those who look at the page with the developer tools
}

/** Mark the place that the server named. */
function markError(view) {
  const line = Number(field.dataset.errorLine);
  if (!line || line > view.state.doc.lines) return;
  const at = view.state.doc.line(line);
  const from = Math.min(at.from + Math.max(0, Number(field.dataset.errorColumn || 1) - 1), at.to);
  const word = /^[\w:?$<>/#.-]+/.exec(view.state.sliceDoc(from, at.to))?.[0].length ?? 1;
  const to = Math.min(Math.max(from + word, from + 1), view.state.doc.length);
  const message = field.dataset.error;
  view.dispatch(setDiagnostics(view.state, [{ from: Math.min(from, to), to, severity: "error", message }]));
  view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  view.focus();
}

/** Note the query in the browser; one that is too long for an address is deflated first. */
async function submit(event, view) {
  const query = view.state.doc.toString();
  past.note(query);
  if (new TextEncoder().encode(encodeURIComponent(query)).length <= LONGEST || !window.CompressionStream) return;
  event.preventDefault();
  const rest = new FormData(form);
  rest.delete("query");
  const address = new URL(form.action);
  address.search = new URLSearchParams([["q", await deflate(query)], ...rest].filter(([, value]) => value));
  if (address.href.length <= LONGEST_ADDRESS) {
    location.assign(address);
    return;
  }
  form.method = "post";
  form.submit();
}

async function deflate(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let packed = "";
  for (const byte of bytes) packed += String.fromCharCode(byte);
  return btoa(packed).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** List the queries that were run here; each goes back into the editor, none leaves the browser. */
function keepHistory(view) {
  const box = document.querySelector("#past");
  if (!box) return;
  const list = box.querySelector("ol");
  const draw = () => {
    const entries = past.read();
    box.hidden = entries.length === 0;
    box.querySelector(".n").textContent = entries.length;
    list.replaceChildren(...entries.map((entry) => item(entry, view)));
  };
  box.querySelector("button.clear").addEventListener("click", () => {
    past.clear();
    draw();
    view.focus();
  });
  draw();
}

function item({ query, when }, view) {
  const row = document.createElement("li");
  const back = document.createElement("button");
  back.type = "button";
  const lines = query.split("\n").filter((line) => line.trim() && !/^\s*(PREFIX|BASE)\b/i.test(line));
  back.textContent = (lines.join(" ").replace(/\s+/g, " ") || query).slice(0, 140);
  back.addEventListener("click", () => {
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: query }, userEvent: "input" });
    view.focus();
    view.dom.scrollIntoView({ block: "nearest" });
  });
  const time = document.createElement("span");
  time.className = "by";
  const day = new Date(when);
  time.textContent = Number.isNaN(day.getTime()) ? "" : day.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  row.append(back, " ", time);
  return row;
}

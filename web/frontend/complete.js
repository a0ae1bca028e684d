// Completion from our own data: prefixes, classes, properties and things of /terms.json, offered where they can stand.
import { snippetCompletion } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";

const LIMIT = 60;
const KEYWORDS =
  "SELECT DISTINCT REDUCED WHERE FROM NAMED GRAPH OPTIONAL UNION MINUS FILTER BIND VALUES EXISTS NOT GROUP ORDER BY " +
  "HAVING ASC DESC LIMIT OFFSET AS ASK CONSTRUCT DESCRIBE PREFIX BASE UNDEF IN COUNT SUM MIN MAX AVG SAMPLE " +
  "GROUP_CONCAT SEPARATOR BOUND COALESCE IF STR LANG LANGMATCHES DATATYPE CONTAINS STRSTARTS STRENDS STRBEFORE " +
  "STRAFTER STRLEN SUBSTR REPLACE REGEX LCASE UCASE CONCAT YEAR MONTH DAY NOW ABS ROUND CEIL FLOOR IRI isIRI isLiteral";
const EVIDENCE = snippetCompletion("GRAPH ?g { ${} }\n  ?g sg:restsOn ?claim .", {
  label: "GRAPH ?g … sg:restsOn ?claim",
  detail: "with the claims",
  type: "keyword",
});
const TOKEN = /#[^\n]*|<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[?$]\w+|[\w-]*:[\w.%-]*|[\w-]+|\^\^|[^\s\w]/g;

let loading = null;

/** Fetch the terms once: a promise of { prefixes, classes, properties, things }, null where there are none. */
export function loadTerms(address) {
  loading ??= address
    ? fetch(address)
        .then((answer) => (answer.ok ? answer.json() : null))
        .then((terms) => terms && { ...terms, kinds: index(terms) })
        .catch(() => null)
    : Promise.resolve(null);
  return loading;
}

function index({ classes, properties, things }) {
  const made = (type) => ([curie, label, more]) => ({
    curie,
    label,
    more,
    type,
    find: `${curie} ${label}`.toLowerCase(),
  });
  return {
    class: classes.map(made("class")),
    property: properties.map(made("property")),
    thing: things.map(made("constant")),
  };
}

/** What can stand at the end of a text: "prefix", "class", "property", "term" (subject or object) or "clause". */
export function placeIn(before) {
  const tokens = (before.match(TOKEN) ?? []).filter((token) => !token.startsWith("#"));
  const last = tokens.at(-1);
  if (/^prefix$/i.test(last ?? "")) return "prefix";
  if (!tokens.includes("{")) return "clause";
  if (last === "a" || last === "rdf:type") return "class";
  let terms = 0;
  for (let n = tokens.length - 1; n >= 0; n--) {
    const token = tokens[n];
    if (/^[{}.]$/.test(token) || /^(where|optional|union|minus|filter|bind|values)$/i.test(token)) break;
    if (token === "(" || token === ")") return "clause";
    if (token === ";") return terms === 0 ? "property" : "term";
    if (token === ",") return "term";
    if (/^[/|^!*+?]$/.test(token)) return "property";
    if (/^graph$/i.test(token)) return terms === 0 ? "term" : "clause";
    terms += 1;
  }
  return terms === 1 ? "property" : "term";
}

function score(entry, words) {
  let total = 0;
  const local = entry.curie.slice(entry.curie.indexOf(":") + 1).toLowerCase();
  for (const word of words) {
    const at = entry.find.indexOf(word);
    if (at < 0) return -1;
    const starts = local.startsWith(word) || entry.curie.toLowerCase().startsWith(word);
    total += starts ? 3 : /[\s:-]/.test(entry.find[at - 1] ?? " ") ? 2 : 1;
  }
  return total;
}

function ranked(entries, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return entries
    .map((entry) => [score(entry, words), entry])
    .filter(([points]) => points >= 0)
    .sort((a, b) => b[0] - a[0] || a[1].find.length - b[1].find.length)
    .map(([, entry]) => entry);
}

/** The changes that put a CURIE where the person typed, and its PREFIX line first if it is not declared. */
function putting(prefixes, curie) {
  return (view, _completion, from, to) => {
    const prefix = curie.slice(0, curie.indexOf(":"));
    const declared = new RegExp(`\\bPREFIX\\s+${prefix.replace(/[^\w-]/g, "")}\\s*:`, "i").test(view.state.doc.toString());
    const line = declared || !prefixes[prefix] ? "" : `PREFIX ${prefix}: <${prefixes[prefix]}>\n`;
    view.dispatch({
      changes: [...(line ? [{ from: 0, insert: line }] : []), { from, to, insert: curie }],
      selection: { anchor: from + line.length + curie.length },
      userEvent: "input.complete",
      scrollIntoView: true,
    });
  };
}

/** A completion source for CodeMirror that reads its terms from `address`. */
export function completer(address) {
  return async (context) => {
    const inside = syntaxTree(context.state).resolveInner(context.pos, -1).name;
    if (inside === "Comment" || inside === "String" || inside === "IriRef") return null;
    const variable = context.matchBefore(/[?$]\w*/);
    if (variable) return variables(context, variable);
    const word = context.matchBefore(/[\w-]*:?[\w-]*/);
    const typed = word?.text ?? "";
    if (!context.explicit && typed.length < 2 && !typed.includes(":")) return null;
    const terms = await loadTerms(address);
    const from = word ? word.from : context.pos;
    const place = placeIn(context.state.sliceDoc(0, from));
    const options = [];
    if (terms) {
      const order = {
        prefix: [],
        class: ["class"],
        property: ["property"],
        term: ["thing", "class", "property"],
        clause: ["property", "thing", "class"],
      }[place];
      if (place === "prefix" || (typed && !typed.includes(":"))) {
        options.push(...prefixOptions(terms.prefixes, typed, place));
      }
      for (const kind of order) {
        for (const entry of ranked(terms.kinds[kind], typed).slice(0, LIMIT)) {
          options.push({
            label: entry.curie,
            detail: entry.label,
            info: entry.more || undefined,
            type: entry.type,
            apply: putting(terms.prefixes, entry.curie),
          });
        }
      }
    }
    if (place !== "prefix" && place !== "class" && !typed.includes(":")) options.push(...keywordOptions(typed));
    return options.length ? { from, options: options.slice(0, LIMIT * 2), filter: false } : null;
  };
}

function variables(context, match) {
  const found = context.state.doc.toString().match(/[?$]\w+/g) ?? [];
  const names = new Set(found.map((name) => match.text[0] + name.slice(1)));
  names.delete(match.text);
  const options = [...names].filter((name) => name.startsWith(match.text)).sort();
  return options.length ? { from: match.from, options: options.map((label) => ({ label, type: "variable" })), filter: false } : null;
}

function prefixOptions(prefixes, typed, place) {
  return Object.entries(prefixes)
    .filter(([prefix]) => prefix.startsWith(typed.replace(/:$/, "").toLowerCase()))
    .map(([prefix, iri]) =>
      place === "prefix"
        ? { label: `${prefix}:`, detail: iri, type: "namespace", apply: `${prefix}: <${iri}>\n` }
        : { label: `${prefix}:`, detail: iri, type: "namespace", apply: putting(prefixes, `${prefix}:`) },
    );
}

function keywordOptions(typed) {
  const start = typed.toUpperCase();
  const words = KEYWORDS.split(" ").filter((word) => word.toUpperCase().startsWith(start));
  const options = words.map((label) => ({ label, type: "keyword" }));
  return !start || "GRAPH".startsWith(start) ? [...options, EVIDENCE] : options;
}

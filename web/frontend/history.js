// The queries that were run on this device: kept by the browser, sent to nobody.
const KEY = "scrutiny-graph.queries";
const MOST = 40;

/** The queries, newest first: [{ query, when }]. Empty where the browser keeps nothing. */
export function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((entry) => typeof entry?.query === "string") : [];
  } catch {
    return [];
  }
}

/** Put a query first; the same query stands once. */
export function note(query) {
  const text = query.trim();
  if (!text) return;
  const rest = read().filter((entry) => entry.query !== text);
  write([{ query: text, when: new Date().toISOString() }, ...rest].slice(0, MOST));
}

export function clear() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // a browser that keeps nothing has nothing to clear
  }
}

function write(entries) {
  try {
    localStorage.setItem(KEY, JSON.stringify(entries));
  } catch {
    // full, or not allowed: the query runs all the same
  }
}

// Asks Comunica what standard input says: {"endpoint": ADDRESS, "queries": [{"form": ..., "query": ...}, ...]}.
// Writes a list of answers: rows and triples as terms {"type", "value", "language", "datatype"}, or {"error": ...}.
import { QueryEngine } from "@comunica/query-sparql";

const { endpoint, queries } = JSON.parse(await new Response(process.stdin).text());
const engine = new QueryEngine();

const term = (t) => ({ type: t.termType, value: t.value, language: t.language, datatype: t.datatype?.value });

async function ask({ form, query }) {
  const context = { sources: [{ type: "sparql", value: endpoint }] };
  if (form === "ask") return engine.queryBoolean(query, context);
  if (form === "select") {
    const rows = await (await engine.queryBindings(query, context)).toArray();
    return rows.map((row) => Object.fromEntries([...row].map(([name, value]) => [name.value, term(value)])));
  }
  const quads = await (await engine.queryQuads(query, context)).toArray();
  return quads.map((quad) => [quad.subject, quad.predicate, quad.object].map(term));
}

const answers = [];
for (const asked of queries) {
  try {
    answers.push(await ask(asked));
  } catch (error) {
    answers.push({ error: String(error.message ?? error) });
  }
}
process.stdout.write(JSON.stringify(answers));

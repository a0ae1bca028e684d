// Bundles sparql.js into the folder given as argument, and writes beside it the licences of all that went in.
//
//     node build.mjs ../static/build
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "..", "static", "build"));
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["sparql.js"],
  outfile: join(out, "sparql.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2020",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const folders = Object.keys(metafile.inputs)
  .map((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0])
  .filter(Boolean);
const notices = [...new Set(folders)].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
  const file = readdirSync(join(here, folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  if (!license || !file) throw new Error(`${name}: no licence, so it cannot be shipped`);
  return `${name} ${version}\nLicence: ${license}\n\n${readFileSync(join(here, folder, file), "utf8").trim()}\n`;
});
const head = "The script sparql.js beside this file contains the packages below.\n";
writeFileSync(join(out, "THIRD-PARTY-LICENSES.txt"), [head, ...notices].join(`\n${"-".repeat(72)}\n\n`));

// What a first visit costs: `sizes.mjs SITE` lists the packed files, and for each part of the browser's program what a
// person fetches who opens one of its pages first. A first load over its budget fails: what was taken out of it stays out.
// `sizes.mjs SITE PROGRAM.wasm` adds what the program consists of, by crate and module, before it is cut and packed.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { programBytes } from "./wasm.mjs";

const BAR_KIB = 350;
// Nobody's page: what opens on demand on all of them.
const LATE = ["frame"];
// Packed with brotli in release. A site for tests is not packed: there it is the raw program that must not grow, which tells
// as well whether something that is to come later comes first.
const BUDGET_KIB = { release: { desk: 460, most: 734 }, tests: { desk: 6200, most: 11300 } };

const [site = "target/site-release", program] = process.argv.slice(2);
const pkg = join(site, "pkg");
if (!existsSync(pkg)) {
  console.error(`sizes: ${pkg} is missing; run make build first`);
  process.exit(1);
}

const kib = (bytes) => (bytes / 1024).toFixed(1).padStart(9);
const files = readdirSync(pkg, { recursive: true }).map(String).sort()
  .filter((name) => !name.endsWith(".br") && name !== "parts.json" && statSync(join(pkg, name)).isFile())
  .map((name) => {
    const path = join(pkg, name);
    const raw = statSync(path).size;
    return { name, raw, packed: existsSync(`${path}.br`) ? statSync(`${path}.br`).size : raw };
  });
const release = existsSync(join(pkg, "nachtwacht_bg.wasm.br"));
const sum = (list, key) => list.reduce((n, f) => n + f[key], 0);
const line = (name, list) => console.log(`${kib(sum(list, "raw"))}   ${kib(sum(list, "packed"))}  ${name}`);

console.log(`  raw KiB  ${release ? "brotli KiB" : "not packed"}`);
for (const f of files) line(f.name, [f]);
line("everything", files);

// of the words a reader fetches one language; another file in a folder belongs to a part, the others come with every page
const words = files.filter((f) => f.name.startsWith("words/")).sort((a, b) => b.packed - a.packed)[0];
const always = [...files.filter((f) => !f.name.includes("/")), words];
line("what every page needs", always);
const first = { most: 0 };
for (const [part, names] of Object.entries(JSON.parse(readFileSync(join(pkg, "parts.json"), "utf8")))) {
  const own = files.filter((f) => names.includes(f.name.replace(/\.wasm$/, "")));
  if (LATE.includes(part)) line(`the part "${part}", once the page lives`, own);
  else {
    line(`first load of a page in the part "${part}"`, [...always, ...own]);
    first[part] = sum([...always, ...own], "packed");
    first.most = Math.max(first.most, first[part]);
  }
}
if (release) console.log(`${" ".repeat(12)}${kib(first.desk)}  the first load of Follow-up; the bar is ${BAR_KIB} KiB`);
if (program) for (const [name, bytes] of programBytes(program)) console.log(`${kib(bytes)}  ${name}`);

for (const [part, budget] of Object.entries(BUDGET_KIB[release ? "release" : "tests"])) {
  if (first[part] <= budget * 1024) continue;
  console.error(`sizes: ${kib(first[part]).trim()} KiB are over the budget of ${budget} KiB (${part})`);
  process.exitCode = 1;
}

// What a first visit costs: `sizes.mjs SITE` lists the packed files, and for each part of the browser's program what a
// person fetches who opens one of its pages first. The largest of these is held against the bar.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const BAR_KIB = 350;
const site = process.argv[2] ?? "target/site-release";
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
    const packed = existsSync(`${path}.br`) ? statSync(`${path}.br`).size : brotliCompressSync(readFileSync(path)).length;
    return { name, raw: statSync(path).size, packed };
  });
const parts = JSON.parse(readFileSync(join(pkg, "parts.json"), "utf8"));
const line = (name, list) =>
  console.log(`${kib(list.reduce((n, f) => n + f.raw, 0))}   ${kib(list.reduce((n, f) => n + f.packed, 0))}  ${name}`);

console.log("  raw KiB  brotli KiB");
for (const f of files) line(f.name, [f]);
line("everything", files);

// of the words a reader fetches one language; another file in a folder belongs to a part, the others come with every page
const words = files.filter((f) => f.name.startsWith("words/")).sort((a, b) => b.packed - a.packed)[0];
const always = [...files.filter((f) => !f.name.includes("/")), words];
line("what every page needs", always);
let largest = 0;
for (const [part, names] of Object.entries(parts)) {
  const first = [...always, ...files.filter((f) => names.includes(f.name.replace(/\.wasm$/, "")))];
  largest = Math.max(largest, first.reduce((n, f) => n + f.packed, 0));
  line(`first load of a page in the part "${part}"`, first);
}
console.log(`${" ".repeat(12)}${kib(largest)}  the largest first load; the bar is ${BAR_KIB} KiB`);
if (largest > BAR_KIB * 1024) {
  console.error(`sizes: ${(largest / 1024).toFixed(1)} KiB is over the bar of ${BAR_KIB} KiB`);
  process.exitCode = 1;
}

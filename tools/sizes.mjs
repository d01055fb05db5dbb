// What a first visit costs: `sizes.mjs SITE` lists the packed files and holds their brotli sum against the bar.
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
  .filter((name) => !name.endsWith(".br") && statSync(join(pkg, name)).isFile())
  .map((name) => {
    const path = join(pkg, name);
    const packed = existsSync(`${path}.br`) ? statSync(`${path}.br`).size : brotliCompressSync(readFileSync(path)).length;
    return { name, raw: statSync(path).size, packed };
  });

console.log("  raw KiB  brotli KiB");
for (const f of files) console.log(`${kib(f.raw)}   ${kib(f.packed)}  ${f.name}`);
const [raw, packed] = [files.reduce((n, f) => n + f.raw, 0), files.reduce((n, f) => n + f.packed, 0)];
console.log(`${kib(raw)}   ${kib(packed)}  together; the bar is ${BAR_KIB} KiB`);
if (packed > BAR_KIB * 1024) {
  console.error(`sizes: ${(packed / 1024).toFixed(1)} KiB is over the bar of ${BAR_KIB} KiB`);
  process.exitCode = 1;
}

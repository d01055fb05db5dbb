// What the lock file and the manifests promise, checked: licences, one version of what must not be doubled,
// a tree a newcomer can compile, no dependency that nothing uses, and the same crates for program and tests.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const OURS = "AGPL-3.0-or-later";
// others' crates: the bar is 350 and is missed, the framework alone brings 225. No more than this are let in; lower it when
// some go
const MOST_CRATES = 395;

const LICENCES = new Set([
  "MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib",
  "Unicode-3.0", "Unicode-DFS-2016", "CC0-1.0", "MPL-2.0", "0BSD", "BSL-1.0", "CDLA-Permissive-2.0", "Unlicense",
]);

// Two SQLites would not see each other's locks on one file; two of the others would both be sent to the browser
// or speak different formats. sqlx before 0.9 brings a SQLite that can corrupt its WAL.
const SINGLE = { "libsqlite3-sys": /./, "sqlx-core": /^0\.9\./, leptos: /./, "wasm-bindgen": /./ };

// Declared, but rightly not named in the code: "member:dependency" → why.
const UNNAMED = { "frontend:wasm-bindgen-futures": "what an exported async function becomes by wasm-bindgen names it" };

const wrong = [];
const metadata = readMetadata();
const members = metadata.packages.filter((p) => metadata.workspace_members.includes(p.id));
const foreign = metadata.packages.filter((p) => p.source !== null);

for (const p of foreign) checkLicence(p);
for (const p of members) {
  if (p.license !== OURS) wrong.push(`${p.name} is ours and must say license = "${OURS}", it says ${p.license ?? "nothing"}.`);
  checkUsed(p);
}
checkSingle();
checkBindgen();
checkSame();
const count = (readFileSync(join(ROOT, "Cargo.lock"), "utf8").match(/^\[\[package\]\]$/gm) ?? []).length - members.length;
if (count > MOST_CRATES) wrong.push(`Cargo.lock holds ${count} crates that are not ours, ${MOST_CRATES} at most: everyone who builds compiles them.`);

console.log(`${count} crates of others in Cargo.lock (the bar is 350, at most ${MOST_CRATES} are let in), ${members.length} of ours`);
for (const sentence of wrong) console.error(`check-deps: ${sentence}`);
process.exitCode = wrong.length ? 1 : 0;

function readMetadata() {
  try {
    const out = execFileSync("cargo", ["metadata", "--locked", "--format-version", "1"],
      { cwd: ROOT, encoding: "utf8", maxBuffer: 256 << 20, stdio: ["ignore", "pipe", "pipe"] });
    return JSON.parse(out);
  } catch (e) {
    console.error(`check-deps: cargo metadata --locked failed; is Cargo.lock up to date?\n${e.stderr ?? e}`);
    process.exit(1);
  }
}

function checkLicence(p) {
  if (!p.license) return void wrong.push(`${p.name} ${p.version} states no licence expression.`);
  if (!allowed(p.license)) wrong.push(`${p.name} ${p.version} is under ${p.license}, which is not on the list of accepted licences.`);
}

/** Whether an SPDX expression can be met with accepted licences only; `/` is the old spelling of OR. */
function allowed(expression) {
  const tokens = expression.replace(/([()])/g, " $1 ").replaceAll("/", " OR ").trim().split(/\s+/);
  const either = () => {
    let ok = both();
    while (tokens[0] === "OR") { tokens.shift(); ok = both() || ok; }
    return ok;
  };
  const both = () => {
    let ok = one();
    while (tokens[0] === "AND") { tokens.shift(); ok = one() && ok; }
    return ok;
  };
  const one = () => {
    let name = tokens.shift();
    if (name === "(") {
      const ok = either();
      return tokens.shift() === ")" && ok;
    }
    if (tokens[0] === "WITH") name = `${name} ${tokens.shift()} ${tokens.shift()}`;
    return LICENCES.has(name);
  };
  const ok = either();
  return ok && tokens.length === 0;
}

function versions(name) {
  return metadata.packages.filter((p) => p.name === name).map((p) => p.version);
}

function checkSingle() {
  for (const [name, wanted] of Object.entries(SINGLE)) {
    const found = versions(name);
    if (found.length !== 1) wrong.push(`There must be exactly one ${name}; the lock file has ${found.join(" and ") || "none"}.`);
    else if (!wanted.test(found[0])) wrong.push(`${name} is ${found[0]}, which does not match ${wanted.source}.`);
  }
}

function checkBindgen() {
  const [glue, binder] = [versions("wasm-bindgen").join(), versions("wasm-bindgen-cli-support").join()];
  if (glue !== binder) wrong.push(`wasm-bindgen is ${glue || "missing"} and wasm-bindgen-cli-support ${binder || "missing"}; they must be the same version.`);
}

/** The program's crates with their features must be among those of its tests, or all that is above them is compiled twice. */
function checkSame() {
  const crates = (...which) => {
    const out = execFileSync("cargo", ["tree", "--locked", ...which, "--prefix", "none", "--no-dedupe", "-f", "{p} {f}"],
      { cwd: ROOT, encoding: "utf8", maxBuffer: 256 << 20, stdio: ["ignore", "pipe", "pipe"] });
    return new Set(out.split("\n"));
  };
  const tests = crates("-e", "normal,build,dev");
  for (const crate of crates("-p", "server", "-e", "normal,build")) {
    if (!tests.has(crate)) wrong.push(`The tests build another ${crate.trim()}: name the features that they add in Cargo.toml.`);
  }
}

/** Used is what the crate's own code names as a crate (`http::`, not just any word "http"), comments aside. */
function checkUsed(p) {
  const home = dirname(p.manifest_path);
  const others = members.map((m) => dirname(m.manifest_path)).filter((d) => d !== home);
  const code = rustFiles(home, others).map((f) => readFileSync(f, "utf8").replace(/^\s*\/\/.*$/gm, "")).join("\n");
  for (const dep of p.dependencies) {
    const name = dep.rename ?? dep.name;
    const key = `${p.name}:${name}`;
    const named = new RegExp(`\\b${name.replaceAll("-", "_")}(?:::|!|;| as\\b)`).test(code);
    if (!named && !(key in UNNAMED)) wrong.push(`${p.name} declares ${name} but does not use it: take it out, or list it in tools/check-deps.mjs with the reason.`);
    if (named && key in UNNAMED) wrong.push(`tools/check-deps.mjs excuses ${key}, which is used: take the excuse out.`);
  }
  for (const key of Object.keys(UNNAMED)) {
    if (key.startsWith(`${p.name}:`) && !p.dependencies.some((d) => key === `${p.name}:${d.rename ?? d.name}`)) {
      wrong.push(`tools/check-deps.mjs excuses ${key}, which is not declared any more: take the excuse out.`);
    }
  }
}

function rustFiles(dir, notInto) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return entry.name === "target" || notInto.includes(path) ? [] : rustFiles(path, notInto);
    return entry.name.endsWith(".rs") ? [path] : [];
  });
}

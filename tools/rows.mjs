// Which requirements are proven: a clause of end2end/requirements.md ("- T6.8 …") whose ID stands in the title of a browser
// test that passed ("[T6.8]", several as "[T6.7, T6.8]"); a row only with all its clauses. end2end/proven.txt keeps the clauses
// that were proven once: one that is no longer is a failure. `node tools/rows.mjs --keep` writes down what has been added.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "end2end");
const read = (file) => {
  try {
    return readFileSync(join(ROOT, file), "utf8");
  } catch {
    console.error(`rows: end2end/${file} is missing; run the browser tests first`);
    process.exit(1);
  }
};

/** Clauses by row, in the order of the contract. */
const rows = new Map();
for (const [, clause, row] of read("requirements.md").matchAll(/^- (([A-Z]\d+)\.\d+) /gm)) {
  rows.set(row, [...(rows.get(row) ?? []), clause]);
}
const clauses = [...rows.values()].flat();
const kept = read("proven.txt").split(/\s+/).filter(Boolean);

const claimed = new Set();
const proven = new Set();
const broken = new Set();
const tests = JSON.parse(read("test-results/results.json")).suites.flatMap((file) => specs(file, ""));
for (const { title, passed, failed } of tests) {
  for (const id of ids(title)) {
    claimed.add(id);
    if (passed) proven.add(id);
    if (failed) broken.add(id);
  }
}
// a clause that several tests prove together, one of which failed, is not proven
for (const id of broken) proven.delete(id);

const done = clauses.filter((id) => proven.has(id));
const whole = [...rows].filter(([, all]) => all.every((id) => proven.has(id))).map(([row]) => row);
const missing = clauses.filter((id) => !proven.has(id));
console.log(`Clauses proven: ${done.length} of ${clauses.length}. Missing: ${missing.join(" ") || "none"}`);
console.log(`Rows proven in every clause: ${whole.length} of ${rows.size}: ${whole.join(" ") || "none"}`);
for (const { title } of tests.filter((t) => t.flaky)) console.log(`Passed only the second time:${title}`);

const added = done.filter((id) => !kept.includes(id));
if (process.argv.includes("--keep")) {
  writeFileSync(join(ROOT, "proven.txt"), clauses.filter((id) => kept.includes(id) || proven.has(id)).join("\n") + "\n");
} else if (added.length) {
  console.log(`Not yet in end2end/proven.txt (node tools/rows.mjs --keep): ${added.join(" ")}`);
}

complain("no such clause in end2end/requirements.md", [...claimed, ...kept].filter((id) => !clauses.includes(id)));
complain("proven before, and no longer", kept.filter((id) => clauses.includes(id) && !proven.has(id)));

function complain(what, found) {
  if (!found.length) return;
  console.error(`rows: ${what}: ${[...new Set(found)].join(" ")}`);
  process.exitCode = 1;
}

/** All tests below a suite, titled with their describe blocks (the file's own name says nothing). */
function specs(suite, above) {
  const own = (suite.specs ?? []).map((spec) => {
    const runs = spec.tests.filter((t) => t.expectedStatus === "passed");
    return {
      title: `${above} ${spec.title}`,
      passed: runs.some((t) => t.status === "expected"),
      failed: spec.tests.some((t) => ["unexpected", "flaky", "skipped"].includes(t.status)),
      flaky: spec.tests.some((t) => t.status === "flaky"),
    };
  });
  return own.concat((suite.suites ?? []).flatMap((inner) => specs(inner, `${above} ${inner.title}`)));
}

/** What a title names in brackets where there is a number of a clause, or what looks like one: what is none is complained of. */
function ids(title) {
  const named = [...title.matchAll(/\[([^\]]*)\]/g)].map((m) => m[1]).filter((words) => /\b[a-z]\d+/i.test(words));
  return named.flatMap((words) => words.split(",").map((id) => id.trim()));
}

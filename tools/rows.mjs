// Which requirements are proven: rows of end2end/requirements.md whose ID stands in the title of a browser
// test that passed ("[T3]", several as "[T1] [T2]" or "[T1, T2]").
import { readFileSync } from "node:fs";
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

const rows = [...read("requirements.md").matchAll(/^\| *([A-Z]\d+)\+? *\|/gm)].map((m) => m[1]);
const tests = JSON.parse(read("test-results/results.json")).suites.flatMap((file) => specs(file, ""));

const claimed = new Set();
const proven = new Set();
const broken = new Set();
for (const { title, passed, failed } of tests) {
  for (const id of ids(title)) {
    claimed.add(id);
    if (passed) proven.add(id);
    if (failed) broken.add(id);
  }
}
// one story told twice and failing once is not proven
for (const id of broken) proven.delete(id);

const done = rows.filter((id) => proven.has(id));
console.log(`Rows proven: ${done.length} of ${rows.length}: ${done.join(" ") || "none"}`);

for (const title of tests.filter((t) => t.flaky).map((t) => t.title)) console.log(`Passed only the second time:${title}`);

// a mistyped ID would leave its row unproven without a word
const unknown = [...claimed].filter((id) => !rows.includes(id));
if (unknown.length) {
  console.error(`rows: no such row in end2end/requirements.md: ${unknown.join(", ")}`);
  process.exitCode = 1;
}

/** All tests below a suite, titled with their describe blocks (the file's own name says nothing). */
function specs(suite, above) {
  const own = (suite.specs ?? []).map((spec) => {
    const runs = spec.tests.filter((t) => t.expectedStatus === "passed");
    return {
      title: `${above} ${spec.title}`,
      passed: runs.some((t) => t.status === "expected"),
      failed: spec.tests.some((t) => t.status === "unexpected" || t.status === "flaky"),
      flaky: spec.tests.some((t) => t.status === "flaky"),
    };
  });
  return own.concat((suite.suites ?? []).flatMap((inner) => specs(inner, `${above} ${inner.title}`)));
}

function ids(title) {
  return [...title.matchAll(/\[([A-Z]\d+(?:\s*,\s*[A-Z]\d+)*)\]/g)].flatMap((m) => m[1].split(/\s*,\s*/));
}

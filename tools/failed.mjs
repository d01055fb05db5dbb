// Names the browser tests that failed in the last run, each with the first lines of why.
import { readFileSync } from "node:fs";

const LINES = 4;
const MOST = 12;

const results = JSON.parse(readFileSync(new URL("../end2end/test-results/results.json", import.meta.url), "utf8"));
const colour = /\u001b\[[0-9;]*m/g;

/** The tests of a suite and of those in it. */
const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)];

const failed = results.suites.flatMap(specs).filter((spec) => !spec.ok);
for (const spec of failed.slice(0, MOST)) {
  const message = spec.tests.flatMap((t) => t.results).flatMap((r) => r.errors)[0]?.message ?? "no message";
  const lines = message.replace(colour, "").split("\n").filter((line) => line.trim() !== "");
  console.log(`${spec.file}:${spec.line} ${spec.title.slice(0, 90)}`);
  for (const line of lines.slice(0, LINES)) console.log(`    ${line.trim().slice(0, 140)}`);
}
for (const spec of results.suites.flatMap(specs).filter((s) => s.tests.some((t) => t.status === "flaky"))) {
  console.log(`passed only the second time: ${spec.file}:${spec.line} ${spec.title.slice(0, 90)}`);
}
console.log(`browser tests: ${failed.length} failed`);

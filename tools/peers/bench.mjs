// P1, P2, P5 and P6 beside other queues, all in one run at equal durability: `make bench-peers`, alone on the machine.
// `--quick` tries everything shortly; `--keep` writes the tables into docs/figures.md; `--only=NAME,…` some peers.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, chmodSync } from "node:fs";
import { join, resolve } from "node:path";
import { compare, figures, keep, spread } from "./table.mjs";

const flags = process.argv.slice(2);
const quick = flags.includes("--quick");
const only = flags.find((flag) => flag.startsWith("--only="))?.slice(7).split(",");
const RUNS = quick ? 1 : 5;
const SPAN = quick ? 300 : 1500;
const SAMPLES = quick ? 10 : 40;
const PROGRAM = process.env.NACHTWACHT ?? resolve("target/release/nachtwacht");
const HUNDREDS = 8;

/** Name in the tables, adapter, its mode, at which callers one by one, whether by hundreds, whether pick-up and bytes are measured. */
const DESKS = [
  ["Nachtwacht over HTTP", "nachtwacht", PROGRAM, [1, 8, 64], true, true],
  ["plainjob FULL", "plainjob", "FULL", [1, 8, 64], false, true],
  ["plainjob NORMAL", "plainjob", "NORMAL", [], true, false],
  ["BullMQ always", "bullmq", "always", [1, 8, 64], true, true],
  ["BullMQ everysec", "bullmq", "everysec", [64], true, false],
  ["graphile-worker", "graphile", "one by one", [1, 8, 64], false, true],
  ["graphile-worker in bulk", "graphile", "bulk", [], true, false],
  ["pg-boss", "pgboss", "", [1, 8, 64], true, true],
  ["huey FULL", "huey", "", [1, 8, 64], false, true],
].filter(([name]) => !only || only.some((word) => name.includes(word)));

// a folder in memory would flatter every durable figure
mkdirSync("target/tmp", { recursive: true });
const home = mkdtempSync(resolve("target/tmp/peers-"));
chmodSync(home, 0o755);
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

/** Every figure measured: what → who → one for each run. */
const measured = {};
const note = (what, who, ...values) => ((measured[what] ??= {})[who] ??= []).push(...values);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** Ours in the process that calls, without the wire; with what the disk gives. */
function inProcess() {
  const printed = execFileSync("cargo", ["bench", "-q", "-p", "engine", "--bench", "dispatch"], {
    encoding: "utf8", env: { ...process.env, NACHTWACHT_BENCH: "peers" }, maxBuffer: 1 << 24,
  });
  const figure = (name) => {
    const line = printed.split("\n").find((l) => l.startsWith(name.padEnd(64)));
    const value = Number(line?.slice(64).trim().split(/\s+/)[0]);
    if (!Number.isFinite(value)) throw new Error(`no figure for ${name} in\n${printed}`);
    return value;
  };
  const who = "Nachtwacht in process";
  for (const callers of [1, 8, 64]) note(`cycles at ${callers}`, who, figure(`cycles at ${callers} callers`));
  note("by hundreds", who, figure("cycles by hundreds at 8 callers"));
  note("pick-up, ms", who, figure("pick-up, p50"));
  note("pick-up, commits", who, figure("pick-up, p50, in bare commits after the same idle pause"));
  note("bytes", who, figure("the whole file, dossiers and all"));
  note("bytes of the hot table", who, figure("hot table with its indexes"));
  note("fdatasync", "the disk", figure("fdatasync of one page, bare"));
}

async function measure([name, adapter, mode, callers, hundreds, rest], run) {
  const dir = join(home, `${adapter}-${mode.replace(/\W+/g, "-")}-${run}`);
  mkdirSync(dir);
  const { open } = await import(`./${adapter}.mjs`);
  const desk = await open(dir, mode);
  if (rest) note("pick-up, ms", name, median(await desk.pickUp(SAMPLES)));
  // what is compiled at first use is not the queue's
  await desk.rate(8, SPAN / 5, 1);
  for (const n of callers) note(`cycles at ${n}`, name, await desk.rate(n, SPAN, 1));
  if (hundreds) note("by hundreds", name, await desk.rate(HUNDREDS, SPAN, 100));
  if (rest && desk.bytes) note("bytes", name, await desk.bytes());
  await desk.close();
  rmSync(dir, { recursive: true, force: true });
}

for (let run = 0; run < RUNS; run++) {
  console.error(`run ${run + 1} of ${RUNS}`);
  inProcess();
  for (const desk of DESKS) {
    console.error(`  ${desk[0]}`);
    await measure(desk, run);
  }
}

const version = (name) => `${name} ${JSON.parse(readFileSync(`tools/peers/node_modules/${name}/package.json`)).version}`;
const head = `fdatasync ${spread(measured.fdatasync["the disk"])} a second; medians of ${RUNS} (least to most); Node ${process.versions.node}; `
  + ["plainjob", "better-sqlite3", "bullmq", "graphile-worker", "pg-boss"].map(version).join(", ")
  + `; ${readFileSync("tools/peers/requirements.txt", "utf8").match(/^[\w-]+==.*$/gm).join(", ").replaceAll("==", " ")}`;
const { text, missed } = compare(measured, median);
const tables = [head, figures(measured), text].join("\n\n");
console.log(tables);
if (flags.includes("--keep")) keep("docs/figures.md", tables);
if (missed.length) {
  console.error(`bench.mjs: short of the bar: ${missed.join("; ")}`);
  process.exit(1);
}
process.exit(0);

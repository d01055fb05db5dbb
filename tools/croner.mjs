// P11: next runs a second of croner, beside ours in the same run: `node tools/croner.mjs`.
// Only what a cron expression can say is compared. Part of `make bench-peers`.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const { Cron } = createRequire(resolve("end2end/package.json"))("croner");
const RUNS = 5;
const SOME = 20_000;
// as in app/domain/benches/schedule.rs: the same instants, and the names of its lines
const NOW = 1_795_312_800_000;
const STEP = 7_919_000;
const SCHEDULES = [
  ["Mon-Fri 07:30", "30 7 * * 1-5"],
  ["daily at 04:00 and 16:00", "0 4,16 * * *"],
  ["last of the month", "30 23 L * *"],
];

const ours = execFileSync("cargo", ["bench", "-q", "-p", "domain", "--bench", "schedule"], { encoding: "utf8" });
let short = false;
for (const [name, expression] of SCHEDULES) {
  const line = ours.split("\n").find((l) => l.trim().startsWith(`${name} `));
  const mine = Number(/([\d.]+) M \(/.exec(line ?? "")?.[1]) * 1e6;
  if (!mine) throw new Error(`no figure for ${name} in\n${ours}`);
  const job = new Cron(expression, { timezone: "Europe/Oslo", paused: true });
  const rates = Array.from({ length: RUNS }, () => {
    const began = process.hrtime.bigint();
    for (let k = 0; k < SOME; k++) job.nextRun(new Date(NOW + k * STEP));
    return SOME / (Number(process.hrtime.bigint() - began) / 1e9);
  }).sort((a, b) => a - b);
  const theirs = rates[Math.floor(RUNS / 2)];
  short ||= mine < 2 * theirs;
  const say = (n) => Math.round(n).toLocaleString("en");
  console.log(`${name.padEnd(28)} ours ${say(mine)}/s, croner ${say(theirs)}/s (${say(rates[0])} to ${say(rates[RUNS - 1])}): ${(mine / theirs).toFixed(0)} times`);
}
if (short) {
  console.error("croner.mjs: less than twice as many; the bar is 2 times");
  process.exit(1);
}

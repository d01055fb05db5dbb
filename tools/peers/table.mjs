// What was measured beside what: the figures, each bar, and what is short of it.
import { readFileSync, writeFileSync } from "node:fs";

const US = "Nachtwacht in process";
const WIRE = "Nachtwacht over HTTP";
/** Figure, ours, theirs, how many times theirs ours must be. */
const RATIOS = [
  ["cycles at 8", US, "plainjob FULL", 2],
  ["cycles at 8", US, "huey FULL", 2],
  ["cycles at 8", US, "BullMQ always", 1.5],
  ["cycles at 64", US, "plainjob FULL", 10],
  ["cycles at 64", US, "BullMQ always", 6],
  ["cycles at 64", US, "graphile-worker", 20],
  ["cycles at 64", US, "pg-boss", 20],
  ["cycles at 64", WIRE, "BullMQ always", 1],
  ["by hundreds", US, "plainjob NORMAL", 3],
  ["by hundreds", US, "graphile-worker in bulk", 2],
  ["by hundreds", US, "pg-boss", 2],
  ["by hundreds", US, "BullMQ everysec", 6],
];
const MOST_COMMITS = 3;
const MOST_BYTES = 200;
const OF_BEST = 1 / 3;

const short = (x) => (x >= 100 ? Math.round(x).toLocaleString("en") : x >= 10 ? x.toFixed(1) : x.toFixed(2));

/** The one in the middle, the least and the most. */
export function spread(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const [least, middle, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted[sorted.length - 1]].map(short);
  return least === most ? middle : `${middle} (${least} to ${most})`;
}

/** Who did what, one line each. */
export function figures(measured) {
  const columns = ["cycles at 1", "cycles at 8", "cycles at 64", "by hundreds", "pick-up, ms", "bytes"];
  const names = [...new Set(columns.flatMap((what) => Object.keys(measured[what] ?? {})))];
  const line = (name) => [name, ...columns.map((what) => (measured[what]?.[name] ? spread(measured[what][name]) : ""))];
  return table(["whole cycles a second, each step durable; pick-up; disk a finished job", "1 caller", "8", "64", "8, by hundreds", "pick-up p50, ms", "bytes"],
    names.map(line));
}

/** Each bar with what was reached, and the names of those that were not. */
export function compare(measured, median) {
  const lines = [];
  const missed = [];
  const add = (what, reached, bar, met) => {
    lines.push([what, met ? reached : `**${reached}**`, bar]);
    if (!met) missed.push(`${what} ${reached}, bar ${bar}`);
  };
  const of = (what, who) => (measured[what]?.[who] ? median(measured[what][who]) : undefined);
  for (const [what, ours, theirs, bar] of RATIOS) {
    const [mine, other] = [of(what, ours), of(what, theirs)];
    if (mine && other) add(`${what}: ${ours} beside ${theirs}`, `${(mine / other).toFixed(1)} ×`, `≥ ${bar} ×`, mine >= bar * other);
  }
  const [mine, commits] = [of("pick-up, ms", US), of("pick-up, commits", US)];
  add("pick-up by long poll, in bare commits", commits.toFixed(1), `≤ ${MOST_COMMITS}`, commits <= MOST_COMMITS);
  const peers = Object.keys(measured["pick-up, ms"]).filter((name) => !name.startsWith("Nachtwacht"));
  const best = peers.sort((a, b) => of("pick-up, ms", a) - of("pick-up, ms", b))[0];
  if (best) {
    const part = mine / of("pick-up, ms", best);
    add(`pick-up beside the quickest peer's, ${best}`, part.toFixed(2), `≤ ${OF_BEST.toFixed(2)}`, part <= OF_BEST);
  }
  const bytes = of("bytes of the hot table", US);
  add("bytes a finished small task, hot table with its indexes", short(bytes), `≤ ${MOST_BYTES}`, bytes <= MOST_BYTES);
  return { text: table(["beside the peers", "reached", "bar"], lines), missed };
}

function table(head, lines) {
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Puts the tables between their marks in a page. */
export function keep(page, tables) {
  const [begin, end] = ["<!-- make bench-peers -->", "<!-- /make bench-peers -->"];
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no place for the tables`);
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n${tables}\n${text.slice(to)}`);
}

/** What the program's source says that it answers to: every page, every call, and with what each can be asked. A test
 *  that walks "every" of them meets a new one by itself. */
import { expect } from "@playwright/test";
import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";

const source = (path: string): string => readFileSync(resolve("..", path), "utf8");

/** All finds of `shape`, which must be as many as there are `marks`: none is overlooked because it is written otherwise. */
function every(text: string, shape: RegExp, mark: RegExp, where: string): RegExpMatchArray[] {
  const found = [...text.matchAll(shape)];
  expect(found.length, `${where}: read / there`).toBe([...text.matchAll(mark)].length);
  expect(found.length, where).toBeGreaterThan(0);
  return found;
}

/** The shapes of the pages' addresses, as the routes declare them: `/o/:office/tasks/:id`. */
export function routes(): string[] {
  const files = ["app/src/plain/mod.rs", "app/src/lib.rs"];
  let parent = "";
  return every(files.map(source).join(""), /<(Parent)?Route path=path!\("([^"]*)"\)/g, /path!\(/g, files.join(" and ")).flatMap(([, above, path]) => {
    if (above) parent = path!;
    return above ? [] : [path!.startsWith("/") ? path! : `${parent}/${path}`];
  });
}

/** A call of a page, by POST. */
export interface Call {
  /** Below `/api/desk/`. */
  name: string;
  /** It is a plain form, which works without scripts, and no JSON. */
  form: boolean;
  /** Its arguments and their types. */
  args: [string, string][];
}

/** The calls of the pages, as the server functions declare them. */
export function calls(): Call[] {
  const folder = "app/src/api";
  return readdirSync(resolve("..", folder)).sort().flatMap((file) => {
    const text = source(`${folder}/${file}`).split("#[cfg(test)]")[0]!;
    const shape = /#\[server\(([^\]]*?)prefix = "([^"]+)", endpoint = "([^"]+)"\)\]\s*pub async fn \w+\(([\s\S]*?)\)\s*->/g;
    return every(text, shape, /#\[server\((?!default|flatten)/g, file)
      .filter(([, , prefix]) => prefix === "/api/desk")
      .map(([, codec, , name, args]) => ({ name: name!, form: !codec!.includes("Json"), args: [...args!.matchAll(/(\w+): ((?:[^,(<]|\([^)]*\)|<[^>]*>+)+)/g)].map(([, arg, type]) => [arg!, type!.trim()] as [string, string]) }));
  });
}

/** The addresses beside the server functions that the router answers, below `/api/desk/`: by GET, and by POST. */
export function otherAddresses(): { get: string[]; post: string[] } {
  const router = source("server/src/router.rs");
  const constants = ["address"].flatMap((file) => [...source(`server/src/${file}.rs`).matchAll(/pub const (\w+): &str = "(\/api\/desk\/[^"]+)"/g)].map(([, name, path]) => [`${file}::${name}`, path!] as const));
  const all = [...router.matchAll(/\.route\(\s*("[^"]+"|\w+::\w+),\s*(\w+)\(/g)]
    .map(([, path, method]) => [path!.startsWith('"') ? path!.slice(1, -1) : Object.fromEntries(constants)[path!] ?? path!, method!] as const)
    .filter(([path]) => path.startsWith("/api/desk/"))
    .map(([path, method]) => [path.slice("/api/desk/".length), method] as const);
  expect(all.map(([, method]) => method).filter((m) => m !== "get" && m !== "post")).toEqual([]);
  return { get: all.filter(([, m]) => m === "get").map(([p]) => p), post: all.filter(([, m]) => m === "post").map(([p]) => p) };
}

const CLOCK = "10:00", DAY = "2027-03-01";
const SCHEDULE = { zone: "Europe/Brussels", days: ["mon"], at: [CLOCK] };
const PERSON = { name: "Somebody", email: "somebody@noord.example", role: "employee", language: "en" };
const SETTINGS = { name: "N", zone: "Europe/Brussels", language: "en", support_contact: "", poll_from: 300, poll_to: 600, lease_seconds: 120, remind_hours: 4, escalate_hours: 8 };
const TASKS = { states: [] };
const TEXTS = { en: "x", nl: "x", nb: "x", da: "x", fr: "x" };

/** One that can be read, for each type of an argument. What cannot be read is refused before anybody asks who calls. */
const VALUES: Record<string, unknown> = {
  String: "x", Words: "x", bool: false, i64: 1, u32: 1, JobId: 1, DossierId: 1, TaskId: "1", Language: "en", Role: "employee", Clock: CLOCK, Day: DAY, "(u32, u32)": [480, 960],
  AddOffice: { office: { name: "N", code: "n", zone: "Europe/Brussels", language: "en" }, admin: PERSON },
  Audience: "support",
  AuditAsked: { who: "", what: "", from: "", to: "", text: "", before: null },
  BlockedForm: { reason: "x", owner: "x", from: CLOCK, minutes: 1 },
  Calendar: {},
  CauseFilter: { turns: [], package: "", office: "", text: "" },
  Choice: "digest",
  ClientsAsked: { standings: [], text: "", mine: false, package: "" },
  DossierTab: "tasks",
  // a form's fields stand beside each other
  First: { link: "x", office: "N", code: "n", zone: "Europe/Brussels", office_language: "en", name: "N", email: "n@noord.example", password: "a long enough password", language: "en" },
  Draft: { platform: false, day: DAY, clock: CLOCK, until_day: "", until_clock: "", reason: [] },
  Holder: { connector: 1 },
  Instruction: { package: "p", package_name: "P", code: "c", task_kinds: [], audience: "office", restartable: true, title: TEXTS, cause: TEXTS, steps: [] },
  Invitation: PERSON,
  JobForm: { kind: "x", description: "x", run_as: "x", schedule: SCHEDULE, estimate_minutes: 1 },
  JobVerb: "hold",
  JobsAsk: { status: [], module: null, kind: null, company: null, text: "", sort: "number", descending: false },
  MailSettings: { host: "h", port: 25, security: "none", username: "", password: null, sender: "a@b.example", address: "" },
  Move: "create",
  NewDossier: { code: "X", name: "X", package: "hledger" },
  Outlook: { can: 0, cannot: 0, too_many: false, as_of: 0 },
  RunsAsk: { state: [], job: null, before: null },
  Schedule: SCHEDULE,
  Settings: SETTINGS,
  SpreadAsk: { day: DAY, kind: "x", from: CLOCK, to: CLOCK, shorter: 0 },
  Taste: { theme: "dark", shortcuts: true },
  TaskFilter: TASKS,
  Times: { start: CLOCK, every: null, end: null },
  Verb: "restart",
  WhatIf: { clocks: 2027 },
  Which: { these: [] },
};

/** What a call can be asked with, in this office. */
export function asked(call: Call, office: string): Record<string, unknown> {
  return Object.fromEntries(call.args.flatMap(([name, type]) => {
    if (name === "office") return [[name, office]];
    if (type.startsWith("Option<")) return [[name, null]];
    if (type.startsWith("Vec<")) return [[name, []]];
    expect(Object.keys(VALUES), `a value for ${name}: ${type} of ${call.name}`).toContain(type);
    return type === "First" ? Object.entries(VALUES[type]!) : [[name, VALUES[type]]];
  }));
}

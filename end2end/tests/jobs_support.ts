/** What the specs of the automation share: jobs of the sandbox, set up and run as the protocol and the pages do. */
import { expect, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { KINDS, type Claimed, type Outcome, type Sandbox } from "./sandbox";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"];
const EVERY_DAY = [...WEEKDAYS, "sat", "sun"];

export interface Form {
  kind: string;
  description: string;
  companies: string[];
  run_as: string;
  schedule: Record<string, unknown>;
  params: Record<string, string>;
  outputs: Record<string, string>[];
  estimate_minutes: number;
}

/** Signs in as Support and makes dossiers; the sandbox's first connector runs jobs. */
export async function ready(sandbox: Sandbox, page: Page, ...companies: string[]): Promise<void> {
  await readyAs("support", sandbox, page, ...companies);
}

/** As `ready`, signed in as somebody else. */
export async function readyAs(role: string, sandbox: Sandbox, page: Page, ...companies: string[]): Promise<void> {
  await sandbox.dossiers("adsolut", ...companies);
  await helloJobs(sandbox);
  await sandbox.signIn(page, role);
}

/** The same, as the office's own operator. */
export async function asOperator(sandbox: Sandbox, page: Page, ...companies: string[]): Promise<void> {
  await sandbox.dossiers("adsolut", ...companies);
  await helloJobs(sandbox);
  await sandbox.signIn(page, "operator_sandbox");
}

export async function helloJobs(sandbox: Sandbox): Promise<void> {
  await sandbox.hello(0, { kinds: [...KINDS, "run_job"] });
}

/** Calls a function of the pages as the person who is signed in; it must be taken. */
export async function desk<T = any>(page: Page, sandbox: Sandbox, call: string, body: Record<string, unknown>): Promise<T> {
  const answer = await page.request.post(`${sandbox.server.url}/api/desk/${call}`, { data: { office: "sandbox", ...body } });
  expect(answer.status(), `${call}: ${await answer.text()}`).toBe(200);
  return (await answer.json()) as T;
}

export function vouchers(companies: string[], at: string[], more: Partial<Form> = {}): Form {
  return {
    kind: "post_vouchers", description: "Postere bilag alle selskap", companies, run_as: "PROGRAMSERVERBRUKER ØKONOMI",
    schedule: { zone: "Europe/Brussels", days: EVERY_DAY, at }, params: { registered_by: "A-Å" },
    outputs: [{ what: "report", path: "REGNSKAP", file: "Rapport.txt", format: "DEFAULT" }], estimate_minutes: 7, ...more,
  };
}

export function autopay(company: string, at: string[]): Form {
  return vouchers([company], at, {
    kind: "autopay_remittance", description: `Autopay_all_valuta_selskap ${company}`, params: {},
    outputs: [{ what: "report", path: "AUTOPAY", file: "Autopay", format: "PDF" }], estimate_minutes: 10,
  });
}

/** Sets a job up, and passes over nothing that the form would warn of; gives its number. */
export function setUp(page: Page, sandbox: Sandbox, form: Form): Promise<number> {
  return desk<number>(page, sandbox, "new_job", { form, despite: null, confirmed: false });
}

export async function detail(page: Page, sandbox: Sandbox, id: number): Promise<any> {
  return desk(page, sandbox, "job", { id });
}

/** Does something to a job as it now is. */
export async function doJob(page: Page, sandbox: Sandbox, id: number, verb: string, why: string | null = null): Promise<void> {
  const { line } = await detail(page, sandbox, id);
  await desk(page, sandbox, "do_job", { id, version: line.version, verb, why });
}

/** One run now: the connector takes it, and says how it ended if told. */
export async function runNow(page: Page, sandbox: Sandbox, id: number, outcome?: Outcome): Promise<Claimed[]> {
  await doJob(page, sandbox, id, "run_now");
  const tasks = await sandbox.claim();
  expect(tasks.length).toBeGreaterThan(0);
  if (outcome) for (const task of tasks) await sandbox.report(task, outcome);
  return tasks;
}

/** Runs SQL on the database of a server that is running: for what only another page sets. */
export function sql(sandbox: Sandbox, statement: string): void {
  const code = "import sqlite3,sys; d=sqlite3.connect(sys.argv[1],timeout=10); d.execute(sys.argv[2]); d.commit()";
  execFileSync("python3", ["-c", code, join(sandbox.server.dir, "nachtwacht.db"), statement]);
}

/** Of an old job and its new one exactly one is active. */
export async function active(page: Page, sandbox: Sandbox): Promise<Map<string, number>> {
  const { lines } = await desk(page, sandbox, "jobs", { ask: {} });
  const found = new Map<string, number>();
  for (const l of lines) if (l.standing === "active") found.set(l.description, (found.get(l.description) ?? 0) + 1);
  return found;
}

/** The job console as people and its program server use it, in the office `sandbox`, where the tests are the server. */
import { expect, type Locator, type Page } from "@playwright/test";
import { ACTIVATE, KINDS, PACKAGES, type Claimed, type Outcome, type Sandbox } from "./sandbox";

const SERVER = { packages: [...PACKAGES, "visma_enterprise"], kinds: [...KINDS, "run_job"] };

/** Makes companies of the office, and a server that runs their jobs. */
export async function companies(sandbox: Sandbox, ...codes: string[]): Promise<void> {
  await sandbox.hello(0, SERVER);
  const payload = (code: string) => ({ name: `Company ${code}`, package: "visma_enterprise" });
  await sandbox.deliver(...codes.map((code) => ({ kind: ACTIVATE, dossier: code, payload: payload(code) })));
  for (const task of await sandbox.claim()) await sandbox.report(task);
}

/** Signs in, with dossiers of this office and a server that runs their jobs. */
export async function readyAs(role: string, sandbox: Sandbox, page: Page, ...codes: string[]): Promise<void> {
  await sandbox.dossiers("adsolut", ...codes);
  await helloServer(sandbox);
  await sandbox.signIn(page, role);
}

/** The same, as the office's own operator. */
export async function asOperator(sandbox: Sandbox, page: Page, ...codes: string[]): Promise<void> {
  await readyAs("operator_sandbox", sandbox, page, ...codes);
}

/** The server calls in again, so that it is alive. */
export async function helloServer(sandbox: Sandbox): Promise<void> {
  await sandbox.hello(0, SERVER);
}

/** A call of the page's own in this office, as the person who is signed in; it must be taken. */
export async function desk<T = any>(sandbox: Sandbox, page: Page, call: string, data: Record<string, unknown>): Promise<T> {
  const { status, body } = await sandbox.call(page, call, { office: "sandbox", ...data });
  expect(status, `${call}: ${JSON.stringify(body)}`).toBe(200);
  return body as T;
}

export const ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export interface Form {
  kind: string;
  description: string;
  companies: string[];
  run_as: string;
  schedule: Record<string, unknown>;
  params: Record<string, string>;
  outputs: Record<string, string>[];
  estimate_minutes: number;
  after?: number;
}

/** A form that holds: of one company, once a day at `at`. */
export function form(kind: string, company: string, at: string, more: Partial<Form> = {}): Form {
  return {
    kind,
    description: `${kind} of ${company}`,
    companies: [company],
    run_as: "PROGRAMSERVERBRUKER ØKONOMI",
    schedule: { zone: "Europe/Brussels", days: ALL_DAYS, at: [at] },
    params: kind === "outgoing_invoices" || kind === "nets_integration" ? { integration: "Nets" } : {},
    outputs: [],
    estimate_minutes: 4,
    ...more,
  };
}

export function vouchers(companies: string[], at: string[], more: Partial<Form> = {}): Form {
  return {
    kind: "post_vouchers", description: "Postere bilag alle selskap", companies, run_as: "PROGRAMSERVERBRUKER ØKONOMI",
    schedule: { zone: "Europe/Brussels", days: ALL_DAYS, at }, params: { registered_by: "A-Å" },
    outputs: [{ what: "report", path: "REGNSKAP", file: "Rapport.txt", format: "DEFAULT" }], estimate_minutes: 7, ...more,
  };
}

export function autopay(company: string, at: string[]): Form {
  return vouchers([company], at, {
    kind: "autopay_remittance", description: `Autopay_all_valuta_selskap ${company}`, params: {},
    outputs: [{ what: "report", path: "AUTOPAY", file: "Autopay", format: "PDF" }], estimate_minutes: 10,
  });
}

/** Sets up a job without the form, and passes over nothing that the form would warn of; gives its number. */
export async function setUp(sandbox: Sandbox, page: Page, f: Form): Promise<number> {
  return desk<number>(sandbox, page, "new_job", { form: f, despite: null, confirmed: false });
}

/** A job as it now stands. */
export async function detail(sandbox: Sandbox, page: Page, id: number): Promise<any> {
  return desk(sandbox, page, "job", { id });
}

/** Does something to a job as it now stands. */
export async function act(sandbox: Sandbox, page: Page, id: number, verb: string, why: string | null = null): Promise<void> {
  const { line } = await detail(sandbox, page, id);
  await desk(sandbox, page, "do_job", { id, version: line.version, verb, why });
}

/** One run now: the server takes it, and says how it ended if told. */
export async function runNow(sandbox: Sandbox, page: Page, id: number, outcome?: Outcome): Promise<Claimed[]> {
  await act(sandbox, page, id, "run_now");
  const tasks = await sandbox.claim();
  expect(tasks.length).toBeGreaterThan(0);
  if (outcome) for (const task of tasks) await sandbox.report(task, outcome);
  return tasks;
}

/** Of an old job and its new one exactly one is active. */
export async function active(sandbox: Sandbox, page: Page): Promise<Map<string, number>> {
  const { lines } = await desk(sandbox, page, "jobs", { ask: {} });
  const found = new Map<string, number>();
  for (const l of lines) if (l.standing === "active") found.set(l.description, (found.get(l.description) ?? 0) + 1);
  return found;
}

/** Takes what jobs gave to the server. */
export async function claimRuns(sandbox: Sandbox): Promise<Claimed[]> {
  // a button that was pressed may still be on its way
  const tasks = await sandbox.claim(0, { wait_seconds: 10 });
  expect(tasks.every((t) => t.kind === "run_job")).toBe(true);
  return tasks;
}

/** Success of one company of a run. */
export function ran(counts: Record<string, number> = {}, log = "", outputs: unknown = []): { succeeded: { result: Record<string, unknown> } } {
  return { succeeded: { result: { counts, log, outputs } } };
}

/** A job's line in the console. */
export function line(page: Page, id: number): Locator {
  return page.locator(`tr[data-job="${id}"]`);
}

/** The numbers of the lines, from top to bottom. */
export async function numbers(page: Page): Promise<number[]> {
  return page.locator("tr[data-job]").evaluateAll((rows) => rows.map((r) => Number(r.getAttribute("data-job"))));
}

/** Opens the form of a new job of a kind. */
export async function begin(sandbox: Sandbox, page: Page, kind: string): Promise<void> {
  await sandbox.open(page, "/o/sandbox/jobs");
  await page.getByRole("link", { name: "New job" }).click();
  // the console that the form is reached from has two of them
  await expect(page.getByLabel("Kind of job")).toHaveCount(1);
  await page.getByLabel("Kind of job").selectOption({ label: kind });
}

/** Presses Apply and waits until the job is set up; gives its number. */
export async function apply(page: Page): Promise<number> {
  // by its key: the preview that comes above it may move it under a pointer that is quicker than any hand
  await page.getByRole("button", { name: "Apply", exact: true }).press("Enter");
  await expect(page).toHaveURL(/\/jobs\/\d+$/);
  await expect(page.getByTestId("verbs")).toBeVisible();
  return Number(page.url().split("/").pop());
}

/** The job console as people and its program server use it, in the office `sandbox`, where the tests are the server. */
import { expect, type Locator, type Page } from "@playwright/test";
import { ACTIVATE, KINDS, PACKAGES, type Claimed, type Sandbox } from "./sandbox";

const SERVER = { packages: [...PACKAGES, "visma_enterprise"], kinds: [...KINDS, "run_job"] };

/** Makes companies of the office, and a server that runs their jobs. */
export async function companies(sandbox: Sandbox, ...codes: string[]): Promise<void> {
  await sandbox.hello(0, SERVER);
  const payload = (code: string) => ({ name: `Company ${code}`, package: "visma_enterprise" });
  await sandbox.deliver(...codes.map((code) => ({ kind: ACTIVATE, dossier: code, payload: payload(code) })));
  for (const task of await sandbox.claim()) await sandbox.report(task);
}

/** The server calls in again, so that it is alive. */
export async function helloServer(sandbox: Sandbox): Promise<void> {
  await sandbox.hello(0, SERVER);
}

/** A call of the page's own, as the person who is signed in. */
export async function desk<T = any>(sandbox: Sandbox, page: Page, call: string, data: Record<string, unknown>): Promise<T> {
  const answer = await page.request.post(`${sandbox.server.url}/api/desk/${call}`, { data: { office: "sandbox", ...data } });
  const text = await answer.text();
  expect(answer.status(), text).toBe(200);
  return text === "" ? (null as T) : (JSON.parse(text) as T);
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

/** Sets up a job without the form, and passes over nothing that the form would warn of; gives its number. */
export async function setUp(sandbox: Sandbox, page: Page, f: Form): Promise<number> {
  return desk<number>(sandbox, page, "new_job", { form: f, despite: null, confirmed: false });
}

/** Does something to a job as it now stands. */
export async function act(sandbox: Sandbox, page: Page, id: number, verb: string): Promise<void> {
  const { line } = await desk(sandbox, page, "job", { id });
  await desk(sandbox, page, "do_job", { id, version: line.version, verb, why: null });
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

/** A demo server of a test's own: its office `sandbox` as the protocol shows it, and its pages as people see them. */
import { expect, request, test as base, type Locator, type Page } from "@playwright/test";
import { api, demo, signIn, startServer, type Answer, type Demo, type Server } from "./support";

export const BOOK = "process_booking_proposal";
export const DELETE = "delete_booking_proposal";
export const SYNC = "synchronise_dossier";
export const ACTIVATE = "activate_dossier";
export const KINDS = [BOOK, DELETE, SYNC, ACTIVATE];
export const PACKAGES = ["exact_online", "wings", "expert_m", "adsolut", "winbooks", "hledger"];

export interface NewTask {
  kind: string;
  dossier: string;
  payload?: Record<string, unknown>;
  subject?: string;
  after?: string;
  idempotency_key?: string;
}

export interface Claimed {
  id: string;
  kind: string;
  lease: string;
  attempt: number;
  dossier: { code: string; name: string; package: string };
  subject: string | null;
  payload: Record<string, unknown>;
  earlier: { attempt: number; outcome: string }[];
}

export type Outcome =
  | { succeeded: { result?: Record<string, unknown> } }
  | { failed: { code: string; params?: Record<string, unknown>; detail?: string } }
  | { released: { reason?: string; retry_after_seconds?: number } };

export const DONE: Outcome = { succeeded: {} };

/** What a connector says that failed. */
export function failed(code: string, params: Record<string, unknown> = {}, detail?: string): Outcome {
  return { failed: { code, params, ...(detail === undefined ? {} : { detail }) } };
}

let requests = 0;

/** Which of the office's two connectors. */
export type Which = 0 | 1;

export class Sandbox {
  readonly keys: Demo;

  constructor(public server: Server) {
    this.keys = demo(server);
  }

  /** One call with the integration's token. */
  integration<T = any>(call: string, body: unknown): Promise<Answer<T>> {
    return api<T>(this.keys.sandbox.integration_token, call, body, this.server.url);
  }

  /** One call with a connector's token. */
  connector<T = any>(which: Which, call: string, body: unknown): Promise<Answer<T>> {
    return api<T>(this.keys.sandbox.connector_tokens[which], call, body, this.server.url);
  }

  /** Delivers tasks that must be accepted; gives their ids. */
  async deliver(...tasks: NewTask[]): Promise<string[]> {
    const answer = await this.integration("deliver", { tasks });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body.tasks.map((t: { id: string }) => t.id);
  }

  /** Delivers one task that must be accepted; gives its id. */
  async one(task: NewTask): Promise<string> {
    return (await this.deliver(task))[0]!;
  }

  /** A task as the integration sees it. */
  async task(id: string): Promise<any> {
    const answer = await this.integration("task", { id });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body;
  }

  async status(id: string): Promise<string> {
    return (await this.task(id)).status;
  }

  /** Says hello, as a connector that can take everything unless `more` says otherwise. */
  async hello(which: Which = 0, more: Record<string, unknown> = {}): Promise<any> {
    const all = { boot_id: `boot-${which}`, version: "test", packages: PACKAGES, kinds: KINDS, recovers: [], max_parallel: 100 };
    const answer = await this.connector(which, "hello", { ...all, ...more });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body;
  }

  /** Takes what there is to take. */
  async claim(which: Which = 0, more: Record<string, unknown> = {}): Promise<Claimed[]> {
    const answer = await this.connector(which, "claim", { request_id: `test-${++requests}`, max: 100, ...more });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body.tasks;
  }

  /** Takes what there is to take, which must be exactly one task. */
  async claimOne(which: Which = 0): Promise<Claimed> {
    const tasks = await this.claim(which);
    expect(tasks.map((t) => `${t.kind} ${t.dossier.code}`)).toHaveLength(1);
    return tasks[0]!;
  }

  /** Reports how an attempt ended; gives where the task then stands. */
  async report(task: Claimed, outcome: Outcome = DONE, which: Which = 0): Promise<string> {
    const answer = await this.connector(which, "report", { reports: [{ task: task.id, lease: task.lease, outcome }] });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const [reported] = answer.body.reports;
    expect(reported.error).toBeUndefined();
    return reported.status;
  }

  /** Makes dossiers that are active: delivers their activations and carries them out. */
  async dossiers(packageKey: string, ...codes: string[]): Promise<void> {
    await this.hello();
    await this.deliver(...codes.map((code) => ({ kind: ACTIVATE, dossier: code, payload: { name: `Client ${code}`, package: packageKey } })));
    for (const task of await this.claim()) await this.report(task);
  }

  /** Makes one task end with a failure; gives its id. Nothing else may be waiting. */
  async fail(task: NewTask, outcome: Outcome): Promise<string> {
    const id = await this.one(task);
    const claimed = await this.claimOne();
    expect(claimed.id).toBe(id);
    await this.report(claimed, outcome);
    return id;
  }

  /** Takes the server down without warning and starts it again on what it left, at the same address. */
  async crash(): Promise<void> {
    await this.server.kill();
    this.server = await startServer({ demo: true, dir: this.server.dir, port: this.server.port });
  }

  /** Does something as somebody who looks at no page: what goes before what a test is about. */
  async as<T>(role: string, act: (call: (name: string, data: object) => Promise<any>) => Promise<T>): Promise<T> {
    const person = await request.newContext({ baseURL: this.server.url });
    try {
      await person.post("/api/desk/use_link", { form: { link: this.keys.sign_in[role]!.split("/").at(-1)! } });
      return await act(async (name, data) => {
        const answer = await person.post(`/api/desk/${name}`, { data });
        const text = await answer.text();
        expect(answer.status(), `${name} as ${role}: ${text}`).toBe(200);
        return JSON.parse(text || "null");
      });
    } finally {
      await person.dispose();
    }
  }

  /** A call of the page's own, as whoever is signed in; gives status and body. */
  async call(page: Page, name: string, data: Record<string, unknown>): Promise<{ status: number; body: any }> {
    const answer = await page.request.post(`${this.server.url}/api/desk/${name}`, { data });
    const text = await answer.text();
    return { status: answer.status(), body: text === "" ? null : JSON.parse(text) };
  }

  /** The sandbox's admin makes an employee, an operator or herself the manager of dossiers. */
  manages(role: "employee" | "operator" | "admin", ...codes: string[]): Promise<void> {
    return this.as("admin_sandbox", async (call) => {
      const office = "sandbox";
      const person = (await call("people", { office, text: "" })).find((p: { role: string }) => p.role === role).id;
      const add: number[] = [];
      for (const code of codes) {
        const found = await call("dossiers_for", { office, person, text: code });
        add.push(found.find((d: { code: string }) => d.code === code).id);
      }
      await call("set_managed", { office, person, add, remove: [] });
    });
  }

  /** The sandbox's admin lets a silent connector lose its task after ten seconds, the least that the page takes. */
  async shortLeases(page: Page): Promise<void> {
    await this.signIn(page, "admin_sandbox");
    await this.open(page, "/o/sandbox/settings");
    await page.getByLabel("A silent connector loses its task after (seconds)").fill("10");
    await page.getByRole("button", { name: "Save settings" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  }

  /** Signs in on this server. */
  async signIn(page: Page, role: string): Promise<void> {
    await signIn(page, role, this.keys);
  }

  /** Opens a page and waits until it is live. */
  async open(page: Page, path: string): Promise<void> {
    await page.goto(this.server.url + path);
    await alive(page);
  }

  /** Opens the panel of a task of the sandbox. */
  async panel(page: Page, id: string, status = "failed,action_required,queued,running,succeeded,cancelled"): Promise<Locator> {
    await this.open(page, `/o/sandbox/tasks?status=${status}&task=${id}`);
    return page.locator("#detail");
  }
}

/** The page follows what happens on the server, so its buttons and keys work too. */
export async function alive(page: Page): Promise<void> {
  await expect(page.getByTestId("live")).toHaveText("Live");
  await expect(page.locator("html[data-ready]")).toBeAttached();
}

/** Follow-up of the demo's office, with everything that stops in its first seconds already there: what stops while it is open
 *  waits to be shown. */
export async function settled(server: Server, page: Page): Promise<void> {
  await expect.poll(async () => {
    await page.goto(`${server.url}/o/gent/tasks`);
    return page.locator("li.tr").count();
  }, { intervals: [1_000] }).toBeGreaterThanOrEqual(13);
}

/** Holds back the next answer to a call of the page, as it was when it was asked. Gives what waits for the call and
 *  what lets the answer through. */
export async function holdBack(page: Page, call: string, which: (body: any) => boolean = () => true) {
  let ask!: () => void, release!: () => void;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  let caught = false;
  await page.route(`**/api/desk/${call}`, async (route) => {
    if (caught || !which(route.request().postDataJSON())) return route.fallback();
    caught = true;
    const response = await route.fetch();
    ask();
    await released;
    await route.fulfill({ response });
  });
  return { asked, release };
}

/** A task's line in the list. */
export function row(page: Page, id: string): Locator {
  return page.locator(`li.tr[data-task="${id}"]`);
}

/** The task's status in words, in the panel or on its own page. */
export function status(page: Page): Locator {
  return page.getByTestId("status");
}

/** A test whose windows are closed behind it, those that it opened by itself as well: each would go on looking for its
 *  server, and the next tests run beside all of them. */
export const tidy = base.extend<{ closed: void }>({
  closed: [
    async ({ browser }, use) => {
      await use();
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    { auto: true },
  ],
});

/** A test with a fresh demo server of its own. */
export const test = tidy.extend<{ sandbox: Sandbox }>({
  sandbox: async ({}, use) => {
    const sandbox = new Sandbox(await startServer({ demo: true }));
    await use(sandbox);
    await sandbox.server.kill();
  },
});

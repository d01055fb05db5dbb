/** The shipped connector as an office runs it: its rhythm, and what it keeps until the desk has recorded it. In the demo's
 *  office with its staff, seen by its admin; hledger, which no connector of the demo serves, does the work. */
import { expect, type Page } from "@playwright/test";
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MINUTE, test as rehearsed } from "./clock";
import { Proxy } from "./machine";
import { ACTIVATE, alive, test as base, type Sandbox } from "./sandbox";
import { api, axe, signIn } from "./support";

/** The machine of the connector: its token file, its state, its books, and a package that can be made to wait. */
class Machine {
  readonly dir = mkdtempSync(join(tmpdir(), "nachtwacht-machine-"));
  readonly token = join(this.dir, "connector.token");
  private readonly hold = join(this.dir, "hold");
  private child: ChildProcess | undefined;
  said = "";

  constructor(private readonly desk: string) {
    const program = join(this.dir, "hledger");
    writeFileSync(program, `#!/bin/sh\nwhile [ -e ${this.hold} ]; do sleep 0.05; done\nexec hledger "$@"\n`);
    chmodSync(program, 0o755);
  }

  start(enrol: string, ...more: string[]): void {
    const args = ["connector", "--url", this.desk, "--token-file", this.token, "--enrol", enrol, "--adapter", "hledger"];
    args.push("--program", join(this.dir, "hledger"), "--books", join(this.dir, "books"), "--state", join(this.dir, "state"), ...more);
    this.child = spawn(process.env.NACHTWACHT_BIN ?? "", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    for (const stream of [this.child.stdout!, this.child.stderr!]) stream.setEncoding("utf8").on("data", (text: string) => (this.said += text));
  }

  packageWaits(): void {
    writeFileSync(this.hold, "");
  }

  packageGoesOn(): void {
    rmSync(this.hold);
  }

  /** The work is done: the dossier has books. */
  hasBooks(dossier: string): boolean {
    return existsSync(join(this.dir, "books", dossier, "main.journal"));
  }

  /** Reports that lie here and are sent again. */
  kept(): number {
    return readdirSync(join(this.dir, "state")).filter((f) => f.endsWith(".json")).length;
  }

  async close(): Promise<void> {
    const child = this.child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resume) => child.once("exit", resume));
      process.kill(-child.pid!, "SIGKILL");
      await gone;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const test = base.extend<{ between: Proxy; machine: Machine }>({
  between: async ({ sandbox }, use) => {
    const proxy = new Proxy();
    await proxy.start(sandbox.server.url);
    await use(proxy);
    proxy.stop();
  },
  machine: async ({ between }, use) => {
    const machine = new Machine(between.url);
    await use(machine);
    await machine.close();
  },
});

async function connectors(sandbox: Sandbox, page: Page): Promise<void> {
  await page.goto(`${sandbox.server.url}/o/gent/connectors`);
  await alive(page);
}

/** Adds one of the two on the page of the connectors; gives the secret that is shown once. */
async function add(page: Page, what: "connector" | "integration", name: string): Promise<string> {
  await page.getByRole("button", { name: `Add ${what}` }).click();
  await page.getByLabel("Name").fill(name);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading")).toContainText(name);
  const secret = (await dialog.locator("code").first().textContent())!;
  await dialog.getByRole("button", { name: "Done" }).click();
  return secret;
}

/** The office's own system, which delivers. */
class Link {
  constructor(private readonly token: string, private readonly desk: string) {}

  /** Delivers the activation of a dossier; gives the task's number. */
  async activate(dossier: string): Promise<string> {
    const task = { kind: ACTIVATE, dossier, payload: { name: `Books of ${dossier}`, package: "hledger" } };
    const { status, body } = await api(this.token, "deliver", { tasks: [task] }, this.desk);
    expect(status, JSON.stringify(body)).toBe(200);
    return body.tasks[0].id;
  }

  async task(id: string): Promise<any> {
    return (await api(this.token, "task", { id }, this.desk)).body;
  }
}

/** The admin lets a system and a connector in; gives the one, and the code that enrols the other. */
async function setUp(sandbox: Sandbox, page: Page): Promise<{ link: Link; enrol: string }> {
  await signIn(page, "admin", sandbox.keys);
  await connectors(sandbox, page);
  const link = new Link(await add(page, "integration", "Ledger link"), sandbox.server.url);
  return { link, enrol: await add(page, "connector", "Cellar") };
}

const line = (page: Page) => page.locator('tr[data-connector="Cellar"]');

test.use({ viewport: { width: 1440, height: 900 } });

test("[T6.8] a 404, a 413 and a token rotated meanwhile lose no report of finished work; Connectors counts those not accepted", async ({ sandbox, between, machine, page }) => {
  const { link, enrol } = await setUp(sandbox, page);
  machine.start(enrol, "--long-poll");
  await expect(line(page).getByTestId("liveness")).toHaveText("Polling");
  const activate = (dossier: string) => link.activate(dossier);
  const seen = (id: string) => link.task(id);
  const done = (dossier: string) => expect.poll(() => machine.hasBooks(dossier), { message: machine.said }).toBe(true);

  // a page of a proxy's own
  between.answersReports = 404;
  const tasks = [await activate("NOTFOUND")];
  await done("NOTFOUND");
  await expect(line(page).getByTestId("unaccepted")).toHaveText("1 report not accepted");
  // a proxy's limit
  between.answersReports = 413;
  tasks.push(await activate("TOOLARGE"));
  await done("TOOLARGE");
  await expect(line(page).getByTestId("unaccepted")).toHaveText("2 reports not accepted");
  await expect(page.getByTestId("unaccepted-card").getByRole("heading")).toHaveText("2 reports of Cellar are not accepted");
  await page.getByTestId("unaccepted-card").locator("summary").click();
  await expect(page.getByTestId("unaccepted-card").locator("li").first()).toContainText("Write the new one into its token file");
  await axe(page);
  expect((await seen(tasks[0]!)).status, "the desk knows nothing of it yet").toBe("running");
  await page.goto(`${sandbox.server.url}/o/gent/alerts`);
  await expect(page.locator('[data-alert="unaccepted_reports"]')).toContainText("Cellar has reports that are not accepted");
  await connectors(sandbox, page);

  // the token is rotated while the package is at work
  between.answersReports = 0;
  machine.packageWaits();
  tasks.push(await activate("ROTATED"));
  await expect.poll(async () => (await seen(tasks[2]!)).status).toBe("running");
  await line(page).locator("summary").click();
  await line(page).getByRole("button", { name: "New token", exact: true }).click();
  await page.getByRole("radio", { name: "Not at all" }).check();
  await page.getByTestId("confirm").click();
  const token = (await page.getByRole("dialog").locator("code").first().textContent())!;
  await page.getByRole("button", { name: "Done" }).click();
  machine.packageGoesOn();
  await done("ROTATED");
  // told with the old token, and refused
  await expect.poll(() => machine.said).toMatch(new RegExp(`not accepted[^\\n]*"${tasks[2]}"`));
  expect(machine.kept()).toBeGreaterThan(0);
  expect((await seen(tasks[2]!)).status).toBe("running");

  writeFileSync(machine.token, `${token}\n`);
  for (const id of tasks) await expect.poll(async () => (await seen(id)).status, { message: machine.said }).toBe("succeeded");
  for (const id of tasks) expect((await seen(id)).attempts.map((a: { outcome: string }) => a.outcome)).toEqual(["succeeded"]);
  await expect(line(page).getByTestId("unaccepted")).toHaveText("");
  await expect(page.getByTestId("unaccepted-card")).toHaveCount(0);
  expect(machine.kept()).toBe(0);
  expect(readdirSync(join(machine.dir, "state", "refused"))).toEqual([]);
});

test("[T2.4] the shipped connector keeps to the office's rhythm: what comes between two visits is taken at the second", async ({ sandbox, between, machine, page }) => {
  const { link, enrol } = await setUp(sandbox, page);
  await page.goto(`${sandbox.server.url}/o/gent/settings`);
  await alive(page);
  await page.getByLabel("Next visit, earliest (seconds)").fill("6");
  await page.getByLabel("Next visit, latest (seconds)").fill("6");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.locator(".said")).toHaveText("Saved. It takes effect at once.");

  machine.start(enrol);
  await expect.poll(() => between.visits.length, { message: machine.said }).toBe(2);
  const task = await link.activate("RHYTHM");
  // nobody asks for it between two visits: it is still here when the next one comes
  const third = expect.poll(() => between.visits.length, { intervals: [20] }).toBe(3);
  expect(await link.task(task)).toMatchObject({ status: "queued", attempts: [] });
  await third;
  await expect.poll(async () => (await link.task(task)).status, { message: machine.said }).toBe("succeeded");
  expect(between.visits.length).toBe(3);
  for (const n of [1, 2]) {
    const gap = (between.visits[n]! - between.visits[n - 1]!) / 1000;
    expect(gap, "seconds between two visits").toBeGreaterThan(5.5);
    expect(gap, "seconds between two visits").toBeLessThan(8);
  }
});

rehearsed("[T17.4] a connector that is enrolled by code is seen at its first call, gets nothing while it is held back, and two tokens of it are valid for the chosen time", async ({ watch, page }) => {
  const { link, enrol } = await setUp(watch, page);
  await expect(line(page).getByTestId("liveness")).toHaveText("Never seen");
  const between = new Proxy();
  await between.start(watch.server.url);
  const machine = new Machine(between.url);
  try {
    machine.start(enrol);
    await expect(line(page).getByTestId("liveness"), machine.said).toHaveText("Polling");
    const choose = async (verb: string) => {
      await line(page).locator("summary").click();
      await line(page).getByRole("button", { name: verb, exact: true }).click();
    };

    await choose("Hold back");
    await page.getByLabel("Reason").fill("the server moves");
    await page.getByTestId("confirm").click();
    await expect(line(page).getByTestId("liveness")).toHaveText("Held back");
    await expect(line(page)).toContainText("the server moves");
    const task = await link.activate("HELD");
    // it comes as ever, in this office every four to eight seconds, and goes away with nothing
    const visits = between.visits.length;
    await expect.poll(() => between.visits.length, { message: machine.said }).toBeGreaterThan(visits + 1);
    expect(await link.task(task)).toMatchObject({ status: "queued", attempts: [] });
    await choose("Let go");
    await expect.poll(async () => (await link.task(task)).status, { message: machine.said }).toBe("succeeded");

    const old = readFileSync(machine.token, "utf8").trim();
    await choose("New token");
    await page.getByRole("radio", { name: "1 hour" }).check();
    await page.getByTestId("confirm").click();
    const fresh = (await page.getByRole("dialog").locator("code").first().textContent())!;
    await page.getByRole("button", { name: "Done" }).click();
    expect(fresh).not.toBe(old);
    const answers = async () => Promise.all([old, fresh].map(async (token) => (await api(token, "extend", { leases: [] }, watch.server.url)).status));
    expect(await answers()).toEqual([200, 200]);
    const rotated = watch.clock.now();
    await watch.clock.set(rotated + 59 * MINUTE);
    expect(await answers()).toEqual([200, 200]);
    await watch.clock.set(rotated + 61 * MINUTE);
    expect(await answers()).toEqual([401, 200]);
  } finally {
    await machine.close();
    between.stop();
  }
});

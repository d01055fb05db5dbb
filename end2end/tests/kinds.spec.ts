/** What connectors are asked to do, and how often they come. */
import { expect } from "@playwright/test";
import { ACTIVATE, BOOK, DELETE, KINDS, SYNC, alive, test, type Which } from "./sandbox";

test("[T1.1] the four kinds of task wait for a connector and come with what is needed to carry them out", async ({ sandbox, page }) => {
  await sandbox.hello();
  const tasks = [
    { kind: ACTIVATE, dossier: "NEWCO", payload: { name: "New Company", package: "adsolut" } },
    { kind: BOOK, dossier: "NEWCO", subject: "A-1.pdf", payload: { document: "<Invoice/>", file_name: "A-1.pdf" } },
    { kind: DELETE, dossier: "NEWCO", subject: "A-0.pdf", payload: { document_no: "77" } },
    { kind: SYNC, dossier: "NEWCO" },
  ];
  const ids = await sandbox.deliver(...tasks);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks?status=queued");
  await expect(page.locator("li.tr")).toHaveCount(4);
  for (const words of ["Activate dossier", "Process booking proposal", "Delete booking proposal", "Synchronise dossier"]) {
    await expect(page.locator("li.tr", { hasText: words })).toHaveCount(1);
  }
  for (const [n, task] of tasks.entries()) {
    const claimed = await sandbox.claimOne();
    expect(claimed).toMatchObject({
      id: ids[n], kind: task.kind, attempt: 1, earlier: [], subject: task.subject ?? null, payload: task.payload ?? {},
      dossier: { code: "NEWCO", name: "New Company", package: "adsolut" },
    });
    await sandbox.report(claimed);
  }
  for (const id of ids) expect(await sandbox.status(id)).toBe("succeeded");
});

test("[T1.2] a kind that is not in the catalogue is refused; a connector gets only the kinds and packages it takes", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA");
  await sandbox.dossiers("wings", "WWW");
  const refused = await sandbox.integration("deliver", { tasks: [{ kind: "make_coffee", dossier: "AAA" }] });
  expect(refused.status).toBe(422);
  expect(refused.body.errors[0].field).toBe("tasks[0].kind");
  const [sync, book, wings] = await sandbox.deliver({ kind: SYNC, dossier: "AAA" }, { kind: BOOK, dossier: "AAA" }, { kind: SYNC, dossier: "WWW" });
  await sandbox.hello(0, { kinds: [SYNC], packages: ["adsolut"] });
  await sandbox.hello(1, { kinds: KINDS, packages: ["adsolut", "wings"] });
  const first = await sandbox.claim(0);
  expect(first.map((t) => t.id)).toEqual([sync]);
  await sandbox.report(first[0]!);
  expect(await sandbox.claim(0), "booking is not its work").toEqual([]);
  expect((await sandbox.claim(1)).map((t) => t.id)).toEqual([book, wings]);
});

test("[T2.1] a connector is asked to come every 5 to 10 minutes, never all at the same time", async ({ sandbox }) => {
  // both connectors of the office at the same moment
  const pairs: number[][] = [];
  const both = async (ask: (which: Which) => Promise<number>) => pairs.push(await Promise.all([ask(0), ask(1)]));
  for (let n = 0; n < 12; n++) {
    await both(async (which) => (await sandbox.hello(which, { boot_id: `boot ${n}` })).poll_seconds);
    await both(async (which) => (await sandbox.connector(which, "claim", { request_id: `poll ${n}`, max: 1 })).body.next_poll_seconds);
  }
  const told = pairs.flat();
  for (const seconds of told) {
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThanOrEqual(600);
  }
  expect(new Set(told).size, told.join(" ")).toBeGreaterThan(8);
  expect(Math.max(...told) - Math.min(...told), told.join(" ")).toBeGreaterThan(150);
  expect(pairs.filter(([a, b]) => Math.abs(a! - b!) < 5).length, told.join(" ")).toBeLessThan(8);
});

test("the office sets the rhythm: in the demo office tasks are taken within seconds", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  await alive(page);
  await page.goto(`${sandbox.server.url}/o/gent/tasks?status=succeeded`);
  await alive(page);
  await expect(page.getByRole("button", { name: /new/ })).toBeVisible();
});

test("[T2.5] a connector that asks with a long poll is answered the moment something is delivered", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA");
  for (let n = 0; n < 5; n++) {
    const waiting = sandbox.claim(0, { wait_seconds: 20 }).then((tasks) => ({ tasks, at: Date.now() }));
    // it really waits: nothing is there to be taken
    const early = await Promise.race([waiting, new Promise((resume) => setTimeout(() => resume("waits"), 150))]);
    expect(early).toBe("waits");
    const id = await sandbox.one({ kind: SYNC, dossier: "AAA" });
    const delivered = Date.now();
    const { tasks, at } = await waiting;
    expect(tasks.map((t) => t.id)).toEqual([id]);
    expect(at - delivered).toBeLessThan(500);
    await sandbox.report(tasks[0]!);
  }
});

test("[T2.5] a long poll with nothing to take ends when it said it would", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const began = Date.now();
  expect(await sandbox.claim(0, { wait_seconds: 1 })).toEqual([]);
  expect(Date.now() - began).toBeGreaterThan(900);
  expect(Date.now() - began).toBeLessThan(3_000);
});

/** Who comes first, who waits, and that nothing is ever lost or done twice. */
import { expect } from "@playwright/test";
import { BOOK, KINDS, SYNC, row, status, test, withShortLease, type Claimed } from "./sandbox";

test("[T3] delivered first, executed first: within a dossier and over all dossiers", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  const dossiers = ["BBB", "AAA", "BBB", "CCC", "AAA", "CCC", "BBB", "AAA"];
  const ids = await sandbox.deliver(...dossiers.map((dossier, n) => ({ kind: BOOK, dossier, subject: `D-${n}.pdf` })));
  // one hand: everything in the order of delivery
  const order: string[] = [];
  for (const id of ids) {
    const tasks = await sandbox.claim(0, { max: 1 });
    expect(tasks).toHaveLength(1);
    order.push(tasks[0]!.id);
    expect(order.at(-1)).toBe(id);
    await sandbox.report(tasks[0]!);
  }
  expect(order).toEqual(ids);
});

test("[T3] many hands: each dossier's tasks still start in the order of delivery, and a restarted one keeps its place", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  const [a1, b1, a2, a3, b2] = await sandbox.deliver(...["AAA", "BBB", "AAA", "AAA", "BBB"].map((dossier) => ({ kind: SYNC, dossier })));
  const first = await sandbox.claim();
  expect(first.map((t) => t.id)).toEqual([a1, b1]);
  // given back: it comes before the later ones again
  expect(await sandbox.report(first[0]!, { released: { reason: "restarting" } })).toBe("queued");
  await sandbox.report(first[1]!);
  const second = await sandbox.claim();
  expect(second.map((t) => t.id)).toEqual([a1, b2]);
  for (const task of second) await sandbox.report(task);
  for (const id of [a2, a3]) {
    const task = await sandbox.claimOne();
    expect(task.id).toBe(id);
    await sandbox.report(task);
  }
});

test("[T3] tasks about one document run one after the other, and a task delivered to follow another waits for it", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const [first, same] = await sandbox.deliver({ kind: BOOK, dossier: "AAA", subject: "one.pdf" }, { kind: BOOK, dossier: "AAA", subject: "one.pdf" });
  const after = await sandbox.one({ kind: SYNC, dossier: "AAA", after: same! });
  for (const id of [first, same, after]) {
    const task = await sandbox.claimOne();
    expect(task.id).toBe(id);
    await sandbox.report(task);
  }
});

test("[T4] a connector with full hands takes the rest at its next visit; until then the wait is told", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  await sandbox.hello(0, { max_parallel: 2 });
  const ids = await sandbox.deliver(
    { kind: SYNC, dossier: "AAA" }, { kind: SYNC, dossier: "BBB" }, { kind: SYNC, dossier: "CCC" }, { kind: BOOK, dossier: "CCC", subject: "later.pdf" },
  );
  const taken = await sandbox.claim();
  expect(taken.map((t) => t.id)).toEqual(ids.slice(0, 2));
  expect(await sandbox.claim(), "its hands are full").toEqual([]);

  const waiting = await sandbox.task(ids[2]!);
  expect(waiting).toMatchObject({ status: "queued", waits_for: "next_visit" });
  const [from, to] = waiting.expected_pick_up_seconds;
  expect(from).toBeGreaterThanOrEqual(0);
  expect(to).toBeGreaterThanOrEqual(from);
  expect(to).toBeLessThanOrEqual(600);
  expect(await sandbox.task(ids[3]!)).toMatchObject({ status: "queued", waits_for: "behind", waits_for_task: ids[2] });

  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks?status=queued");
  await expect(page.locator("li.tr")).toHaveCount(2);
  const waits = page.getByTestId("waits");
  await row(page, ids[2]!).locator("a").click();
  await expect(waits).toContainText(/A connector takes it (at its next visit, in|within) \d+/);
  await expect(waits).toContainText("Place 1 in the dossier’s line.");
  await expect(waits).toContainText("There is nothing to do.");
  await row(page, ids[3]!).locator("a").click();
  await expect(waits).toContainText(`It comes after task ${ids[2]} of this dossier.`);
  await expect(waits).toContainText("Place 2 in the dossier’s line.");

  // the next visit, with free hands
  await sandbox.report(taken[0]!);
  const next = await sandbox.claim();
  expect(next.map((t) => t.id)).toEqual([ids[2]]);
  await expect(waits).toContainText(`Another task of this dossier runs: task ${ids[2]}.`);
  await sandbox.report(taken[1]!);
  await sandbox.report(next[0]!);
  const last = await sandbox.claimOne();
  expect(last.id).toBe(ids[3]);
  await expect(status(page)).toHaveText("Working");
  await sandbox.report(last);
  await expect(status(page)).toHaveText("Done");
});

test("[T4] a task that no connector of the office can take says so", async ({ sandbox, page }) => {
  await sandbox.dossiers("wings", "AAA");
  await sandbox.hello(0, { packages: ["adsolut"] });
  const id = await sandbox.one({ kind: SYNC, dossier: "AAA" });
  expect(await sandbox.claim()).toEqual([]);
  expect(await sandbox.task(id)).toMatchObject({ status: "queued", waits_for: "no_connector", expected_pick_up_seconds: null });
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id);
  await expect(panel.getByTestId("waits")).toContainText("No connector of this office can take it.");
  await expect(panel.getByTestId("waits")).not.toContainText("There is nothing to do.");
  await sandbox.hello(1, { packages: ["wings"] });
  expect((await sandbox.claim(1)).map((t) => t.id)).toEqual([id]);
});

test("[T5] two connectors work side by side, and never on two tasks of one dossier", async ({ sandbox }) => {
  const dossiers = Array.from({ length: 8 }, (_, n) => `D${n}`);
  await sandbox.dossiers("adsolut", ...dossiers);
  const tasks = Array.from({ length: 64 }, (_, n) => ({ kind: KINDS[n % 3]!, dossier: dossiers[(n * 5) % 8]!, subject: n % 3 === 2 ? undefined : `S${n}.pdf` }));
  const ids = await sandbox.deliver(...tasks);
  const running = new Map<string, string>();
  const done: string[] = [];
  const took = [0, 0];
  let together = 0;
  async function work(which: 0 | 1): Promise<void> {
    await sandbox.hello(which, { max_parallel: 3 });
    while (done.length < ids.length) {
      const claimed: Claimed[] = await sandbox.claim(which, { max: 3, wait_seconds: 1 });
      for (const task of claimed) {
        expect(running.get(task.dossier.code), `${task.dossier.code} is busy`).toBeUndefined();
        running.set(task.dossier.code, task.id);
      }
      together = Math.max(together, running.size);
      for (const task of claimed) {
        running.delete(task.dossier.code);
        done.push(task.id);
        took[which]!++;
        await sandbox.report(task, undefined, which);
      }
    }
  }
  await Promise.all([work(0), work(1)]);
  expect([...done].sort()).toEqual([...ids].sort());
  expect(Math.min(...took), "both had work").toBeGreaterThan(0);
  expect(together, "they worked side by side").toBeGreaterThan(1);
  // each dossier's tasks in the order of delivery
  for (const dossier of dossiers) {
    const mine = ids.filter((_, n) => tasks[n]!.dossier === dossier);
    expect(done.filter((id) => mine.includes(id))).toEqual(mine);
  }
});

test("[T6] delivering the same thing twice makes one task; the same key for something else is refused", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  const task = { kind: BOOK, dossier: "AAA", payload: { document: "x" }, idempotency_key: "invoice 7" };
  const first = await sandbox.integration("deliver", { tasks: [task] });
  expect(first.body.tasks[0].duplicate).toBe(false);
  const again = await sandbox.integration("deliver", { tasks: [task, { kind: SYNC, dossier: "AAA" }] });
  expect(again.body.tasks[0]).toEqual({ id: first.body.tasks[0].id, status: "queued", duplicate: true });
  expect(again.body.tasks[1].duplicate).toBe(false);
  // twenty at once, as a nervous system does
  const many = await Promise.all(Array.from({ length: 20 }, () => sandbox.integration("deliver", { tasks: [{ ...task, idempotency_key: "invoice 8" }] })));
  expect(new Set(many.map((a) => a.body.tasks[0].id)).size).toBe(1);
  expect(many.filter((a) => !a.body.tasks[0].duplicate)).toHaveLength(1);
  for (const other of [{ kind: SYNC }, { dossier: "BBB" }, { payload: { document: "y" } }]) {
    const refused = await sandbox.integration("deliver", { tasks: [{ ...task, ...other }] });
    expect(refused.status).toBe(409);
    expect(refused.body.code).toBe("wrong_state");
  }
  const claimed: string[] = [];
  for (let tasks = await sandbox.claim(); tasks.length > 0; tasks = await sandbox.claim()) {
    for (const t of tasks) {
      claimed.push(t.id);
      await sandbox.report(t);
    }
  }
  expect(claimed).toHaveLength(3);
  // also after it is done
  expect((await sandbox.integration("deliver", { tasks: [task] })).body.tasks[0]).toEqual({ id: first.body.tasks[0].id, status: "succeeded", duplicate: true });
});

test("[T6] one wrong task in a delivery: none is accepted", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const refused = await sandbox.integration("deliver", { tasks: [{ kind: SYNC, dossier: "AAA" }, { kind: SYNC, dossier: "NOBODY" }] });
  expect(refused.status).toBe(422);
  expect(refused.body.errors).toMatchObject([{ field: "tasks[1].dossier" }]);
  expect(await sandbox.claim()).toEqual([]);
});

test("[T6] a lost answer costs nothing: the same claim gives the same leases, the same report the same answer", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA");
  await sandbox.one({ kind: SYNC, dossier: "AAA" });
  const [first] = await sandbox.claim(0, { request_id: "lost" });
  const [again] = await sandbox.claim(0, { request_id: "lost" });
  expect(again).toEqual(first);
  expect(await sandbox.report(first!)).toBe("succeeded");
  expect(await sandbox.report(first!)).toBe("succeeded");
  const task = await sandbox.task(first!.id);
  expect(task.attempts).toHaveLength(1);
});

test("[T6] the server killed with -9 again and again: everything that was answered is concluded exactly once", async ({ sandbox }) => {
  const dossiers = Array.from({ length: 6 }, (_, n) => `D${n}`);
  await sandbox.dossiers("adsolut", ...dossiers);
  const answered = new Set<string>();
  const handed = new Map<string, Set<string>>();
  const concluded = new Map<string, number>();
  let over = false;
  let n = 0;

  /** A call that may find the server dead; the caller then tries the same again. */
  async function calmly<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (e) {
        if (over || !(e instanceof TypeError)) throw e;
        await new Promise((resume) => setTimeout(resume, 20));
      }
    }
  }
  async function deliver(): Promise<void> {
    while (!over) {
      const key = `k${n++}`;
      const answer = await calmly(() => sandbox.integration("deliver", { tasks: [{ kind: SYNC, dossier: dossiers[n % 6], idempotency_key: key }] }));
      expect(answer.status).toBe(200);
      answered.add(answer.body.tasks[0].id);
    }
  }
  async function work(which: 0 | 1): Promise<void> {
    await calmly(() => sandbox.hello(which, { max_parallel: 4, recovers: [SYNC] }));
    for (let claim = 0; !over || concluded.size < answered.size; claim++) {
      const tasks = (await calmly(() => sandbox.connector(which, "claim", { request_id: `w${which}-${claim}`, max: 4 }))).body.tasks as Claimed[];
      for (const task of tasks) {
        const leases = handed.get(task.id) ?? new Set();
        handed.set(task.id, leases.add(task.lease));
        const reported = await calmly(() => sandbox.connector(which, "report", { reports: [{ task: task.id, lease: task.lease, outcome: { succeeded: {} } }] }));
        expect(reported.body.reports).toEqual([{ task: task.id, status: "succeeded" }]);
        concluded.set(task.id, (concluded.get(task.id) ?? 0) + 1);
      }
      if (tasks.length === 0) await new Promise((resume) => setTimeout(resume, 10));
    }
  }
  const everybody = Promise.all([deliver(), work(0), work(1)]);
  for (let kills = 0; kills < 4; kills++) {
    const before = concluded.size;
    await expect.poll(() => concluded.size, { timeout: 10_000, intervals: [10] }).toBeGreaterThan(before + 10);
    await sandbox.crash();
  }
  over = true;
  await everybody;

  expect(answered.size).toBeGreaterThan(40);
  expect([...concluded.keys()].sort()).toEqual([...answered].sort());
  expect([...concluded.values()].every((times) => times === 1), "each was reported once").toBe(true);
  expect([...handed.values()].every((leases) => leases.size === 1), "each was handed out once").toBe(true);
  for (const id of answered) {
    const task = await sandbox.task(id);
    expect(task.status).toBe("succeeded");
    expect(task.attempts.filter((a: { outcome: string }) => a.outcome === "succeeded")).toHaveLength(1);
  }
  expect(await sandbox.claim()).toEqual([]);
});

test("[T6] a connector that dies: what it held is taken back; a late report of a booking it did finish is still accepted", async () => {
  const sandbox = await withShortLease(2);
  try {
    await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
    await sandbox.hello(0, { boot_id: "dies" });
    const [sync, book, late] = await sandbox.deliver({ kind: SYNC, dossier: "AAA" }, { kind: BOOK, dossier: "BBB" }, { kind: BOOK, dossier: "CCC" });
    const held = await sandbox.claim(0);
    expect(held.map((t) => t.id)).toEqual([sync, book, late]);
    // nothing more is heard of it; another connector waits for work
    await sandbox.hello(1);
    const taken = await sandbox.claim(1, { wait_seconds: 10 });
    expect(taken).toMatchObject([{ id: sync, attempt: 2, earlier: [{ attempt: 1, outcome: "lease_over" }] }]);
    expect(await sandbox.report(taken[0]!, undefined, 1)).toBe("succeeded");
    // a booking may have been done: nobody does it a second time without a person
    await expect.poll(() => sandbox.status(book!)).toBe("failed");
    expect((await sandbox.task(book!)).failure.code).toBe("outcome_unknown");
    expect(await sandbox.claim(1)).toEqual([]);
    // it had finished one and only now reaches the desk
    expect(await sandbox.report(held[2]!, undefined, 0)).toBe("succeeded");
    expect(await sandbox.status(late!)).toBe("succeeded");
    // the other's lease is not its own any more
    const stale = await sandbox.connector(0, "report", { reports: [{ task: sync, lease: held[0]!.lease, outcome: { failed: { code: "database_error" } } }] });
    expect(stale.body.reports[0].error.code).toBe("stale_lease");
    expect(await sandbox.status(sync!)).toBe("succeeded");
  } finally {
    await sandbox.server.kill();
  }
});

test("[T6] a connector that dies, and a colleague that looks in the package first: it takes the booking over by itself", async () => {
  const sandbox = await withShortLease(2);
  try {
    await sandbox.dossiers("adsolut", "AAA");
    await sandbox.hello(1, { recovers: [BOOK] });
    await sandbox.hello(0, { recovers: [BOOK] });
    const id = await sandbox.one({ kind: BOOK, dossier: "AAA" });
    await sandbox.claimOne(0);
    const taken = await sandbox.claim(1, { wait_seconds: 10 });
    expect(taken).toMatchObject([{ id, attempt: 2, earlier: [{ outcome: "lease_over" }] }]);
  } finally {
    await sandbox.server.kill();
  }
});

test("[T6] a connector that shows signs of life keeps its task for as long as it takes", async () => {
  const sandbox = await withShortLease(2);
  try {
    await sandbox.dossiers("adsolut", "AAA");
    const { extend_seconds, lease_seconds } = await sandbox.hello();
    expect(extend_seconds).toBeLessThan(lease_seconds);
    await sandbox.one({ kind: SYNC, dossier: "AAA" });
    const task = await sandbox.claimOne();
    const until = Date.now() + 4_500;
    while (Date.now() < until) {
      const extended = await sandbox.connector(0, "extend", { leases: [{ task: task.id, lease: task.lease }] });
      expect(extended.body.leases).toEqual([{ task: task.id, state: "ok" }]);
      expect(await sandbox.claim(0, { wait_seconds: 1 }), "nobody else gets it").toEqual([]);
    }
    expect(await sandbox.report(task)).toBe("succeeded");
    expect((await sandbox.task(task.id)).attempts).toHaveLength(1);
  } finally {
    await sandbox.server.kill();
  }
});

/** Who comes first, who waits, and that nothing is ever lost or done twice. */
import { expect } from "@playwright/test";
import { Machine } from "./machine";
import { BOOK, DELETE, KINDS, SYNC, failed, row, status, test, type Claimed, type Sandbox, type Which } from "./sandbox";

test("[T3.1] delivered first, executed first: within a dossier and over all dossiers", async ({ sandbox }) => {
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

/** Takes exactly these, one after the other. */
async function inTurn(sandbox: Sandbox, ...ids: string[]): Promise<void> {
  for (const id of ids) {
    const task = await sandbox.claimOne();
    expect(task.id).toBe(id);
    await sandbox.report(task);
  }
}

test("[T3.2] many hands: a dossier's tasks start in the order of delivery, and one that was given back keeps its place", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  const [a1, b1, a2, a3, b2] = await sandbox.deliver(...["AAA", "BBB", "AAA", "AAA", "BBB"].map((dossier) => ({ kind: SYNC, dossier })));
  const first = await sandbox.claim();
  expect(first.map((t) => t.id)).toEqual([a1, b1]);
  expect(await sandbox.report(first[0]!, { released: { reason: "restarting", retry_after_seconds: 10 } })).toBe("queued");
  await sandbox.report(first[1]!);
  // while it rests the other dossier goes on, and its own waits behind it
  const second = await sandbox.claim();
  expect(second.map((t) => t.id)).toContain(b2);
  expect(await sandbox.task(a2!)).toMatchObject({ status: "queued", waits_for: "behind", waits_for_task: a1 });
  for (const task of [...second, ...(await sandbox.claim(0, { wait_seconds: 20 }))]) {
    expect([a1, b2]).toContain(task.id);
    await sandbox.report(task);
  }
  expect(await sandbox.status(a1!)).toBe("succeeded");
  await inTurn(sandbox, a2!, a3!);
});

test("[T3.2] a task that its dossier's manager restarts keeps its place before those that were delivered after it", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA");
  await sandbox.manages("employee", "AAA");
  const first = await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "A-1.pdf" }, failed("period_not_open", { period: "201802" }));
  const [second, third] = await sandbox.deliver({ kind: SYNC, dossier: "AAA" }, { kind: BOOK, dossier: "AAA", subject: "A-3.pdf" });
  await sandbox.signIn(page, "employee_sandbox");
  const panel = await sandbox.panel(page, first);
  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Queued");
  await inTurn(sandbox, first, second!, third!);
});

test("[T3.2] a task with the same subject, and one delivered to follow another, wait for it also while it has stopped; others do not", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA");
  await sandbox.manages("employee", "AAA");
  const first = await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "one.pdf" }, failed("period_not_open", { period: "201802" }));
  const [same, follows, free] = await sandbox.deliver(
    { kind: BOOK, dossier: "AAA", subject: "one.pdf" }, { kind: SYNC, dossier: "AAA", after: first }, { kind: BOOK, dossier: "AAA", subject: "two.pdf" },
  );
  await inTurn(sandbox, free!);
  expect(await sandbox.claim()).toEqual([]);
  for (const waits of [same, follows]) expect(await sandbox.task(waits!)).toMatchObject({ status: "queued", waits_for: "for_earlier", waits_for_task: first });
  await sandbox.signIn(page, "employee_sandbox");
  const panel = await sandbox.panel(page, first);
  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Queued");
  await inTurn(sandbox, first, same!, follows!);
});

test("[T4.1] a connector with full hands gets nothing; with a free one it takes the oldest that may start, not the oldest", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC", "DDD");
  await sandbox.hello(0, { max_parallel: 2 });
  const [a, b, busy, oldest, younger] = await sandbox.deliver(...["AAA", "BBB", "BBB", "CCC", "DDD"].map((dossier) => ({ kind: SYNC, dossier })));
  const taken = await sandbox.claim();
  expect(taken.map((t) => t.id)).toEqual([a, b]);
  expect(await sandbox.claim()).toEqual([]);
  await sandbox.report(taken[0]!);
  expect((await sandbox.claim()).map((t) => t.id)).toEqual([oldest]);
  for (const waits of [busy, younger]) expect(await sandbox.status(waits!)).toBe("queued");
});

test("[T4.2, T16.1] a connector with full hands takes the rest at its next visit; until then the wait is told", async ({ sandbox, page }) => {
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
  // not at the next visit, which finds full hands, but at the one after it
  expect(from).toBeGreaterThan(500);
  expect(from).toBeLessThanOrEqual(600);
  expect(to).toBeGreaterThan(1100);
  expect(to).toBeLessThanOrEqual(1200);
  expect(await sandbox.task(ids[3]!)).toMatchObject({ status: "queued", waits_for: "behind", waits_for_task: ids[2] });

  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks?status=queued");
  await expect(page.locator("li.tr")).toHaveCount(2);
  const waits = page.getByTestId("waits");
  await row(page, ids[2]!).locator("a").click();
  await expect(waits.getByTestId("expected")).toHaveText(/^Expected pick-up: in (9|10) min to (19|20) min\./);
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

test("[T4.2, T16.1] a task that no connector of the office can take says so", async ({ sandbox, page }) => {
  await sandbox.dossiers("wings", "AAA");
  await sandbox.hello(0, { packages: ["adsolut"] });
  const id = await sandbox.one({ kind: SYNC, dossier: "AAA" });
  expect(await sandbox.claim()).toEqual([]);
  expect(await sandbox.task(id)).toMatchObject({ status: "queued", waits_for: "no_connector", expected_pick_up_seconds: null });
  await sandbox.signIn(page, "admin_sandbox");
  const panel = await sandbox.panel(page, id);
  await expect(panel.getByTestId("waits")).toContainText("No connector of this office can take it.");
  await expect(panel.getByTestId("waits")).not.toContainText("There is nothing to do.");
  await sandbox.hello(1, { packages: ["wings"] });
  expect((await sandbox.claim(1)).map((t) => t.id)).toEqual([id]);
});

test("[T5.1] two connectors work side by side, and never on two tasks of one dossier", async ({ sandbox }) => {
  const dossiers = Array.from({ length: 8 }, (_, n) => `D${n}`);
  await sandbox.dossiers("adsolut", ...dossiers);
  const tasks = Array.from({ length: 64 }, (_, n) => ({ kind: KINDS[n % 3]!, dossier: dossiers[(n * 5) % 8]!, subject: n % 3 === 2 ? undefined : `S${n}.pdf` }));
  const ids = await sandbox.deliver(...tasks);
  const running = new Map<string, string>();
  const done: string[] = [];
  async function take(which: Which): Promise<Claimed[]> {
    const claimed = await sandbox.claim(which, { max: 3, wait_seconds: 1 });
    for (const task of claimed) {
      expect(running.get(task.dossier.code), `${task.dossier.code} is busy`).toBeUndefined();
      running.set(task.dossier.code, task.id);
    }
    return claimed;
  }
  async function work(which: Which, claimed: Claimed[]): Promise<void> {
    for (; done.length < ids.length; claimed = await take(which)) {
      for (const task of claimed) {
        running.delete(task.dossier.code);
        done.push(task.id);
        await sandbox.report(task, undefined, which);
      }
    }
  }
  for (const which of [0, 1] as const) await sandbox.hello(which, { max_parallel: 3 });
  const first = await take(0), second = await take(1);
  expect([first.length, second.length], "both hold work before either reports").toEqual([3, 3]);
  await Promise.all([work(0, first), work(1, second)]);
  expect([...done].sort()).toEqual([...ids].sort());
  // each dossier's tasks in the order of delivery
  for (const dossier of dossiers) {
    const mine = ids.filter((_, n) => tasks[n]!.dossier === dossier);
    expect(done.filter((id) => mine.includes(id))).toEqual(mine);
  }
});

test("[T5.2] forty dossiers wait for connectors of four hands: with two of them the last task is taken after half as many visits", async ({ sandbox }) => {
  const dossiers = Array.from({ length: 40 }, (_, n) => `D${n}`);
  await sandbox.dossiers("adsolut", ...dossiers);
  await sandbox.manages("employee", ...dossiers);
  /** In each round every connector visits once, then what they took is done. */
  const rounds = async (...connectors: Which[]): Promise<number> => {
    for (const which of connectors) await sandbox.hello(which, { max_parallel: 4 });
    const waiting = new Set(await sandbox.deliver(...dossiers.map((dossier) => ({ kind: SYNC, dossier }))));
    for (let n = 0; ; n++) {
      if (waiting.size === 0) return n;
      const taken: [Which, Claimed][] = [];
      for (const which of connectors) taken.push(...(await sandbox.claim(which)).map((task): [Which, Claimed] => [which, task]));
      expect(taken).toHaveLength(4 * connectors.length);
      for (const [which, task] of taken) {
        expect(waiting.delete(task.id)).toBe(true);
        await sandbox.report(task, undefined, which);
      }
    }
  };
  expect(await rounds(0)).toBe(10);
  expect(await rounds(0, 1)).toBe(5);
});

test("[T6.1] delivering the same thing twice makes one task; the same key for something else is refused", async ({ sandbox }) => {
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

test("[T6.2] one wrong task in a delivery: none is accepted", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const refused = await sandbox.integration("deliver", { tasks: [{ kind: SYNC, dossier: "AAA" }, { kind: SYNC, dossier: "NOBODY" }] });
  expect(refused.status).toBe(422);
  expect(refused.body.errors).toMatchObject([{ field: "tasks[1].dossier" }]);
  expect(await sandbox.claim()).toEqual([]);
});

test("[T6.3] a lost answer costs nothing: the same claim gives the same leases, the same report the same answer", async ({ sandbox }) => {
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

test("[T6.4] the server killed with -9 again and again: everything that was answered is concluded exactly once", async ({ sandbox }) => {
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
    await expect.poll(() => concluded.size, { intervals: [10] }).toBeGreaterThan(before + 10);
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

test("[T6.5] a connector killed with -9: another takes over what may be repeated, and a booking of unknown outcome waits for a person", async ({ sandbox, page }) => {
  await sandbox.shortLeases(page);
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  await sandbox.manages("employee", "AAA", "BBB");
  const [dies, lives] = [new Machine(sandbox, 0), new Machine(sandbox, 1)];
  try {
    dies.packageWaits();
    dies.start();
    const [sync, book] = await sandbox.deliver({ kind: SYNC, dossier: "AAA" }, { kind: BOOK, dossier: "BBB", subject: "B-1.pdf" });
    await expect.poll(() => dies.asked().sort(), { message: dies.said }).toEqual([sync, book].sort());
    await dies.kill();
    lives.start();
    await expect.poll(() => sandbox.status(sync!), { message: lives.said }).toBe("succeeded");
    const repeated = (await sandbox.task(sync!)).attempts.map((a: { outcome: string; connector: string }) => [a.connector, a.outcome]);
    expect(repeated).toEqual([["Sandbox 1", "lease_over"], ["Sandbox 2", "succeeded"]]);

    // nobody knows whether it was booked: red, with the reason in words
    await expect.poll(() => sandbox.status(book!)).toBe("failed");
    expect((await sandbox.task(book!)).failure.code).toBe("outcome_unknown");
    await sandbox.panel(page, book!);
    await expect(status(page)).toHaveText("With support");
    await expect(page.locator("#detail h2").first()).toContainText("The outcome is not known");
    // by itself it is repeated by neither: both are back, and take what came later in that dossier
    dies.packageGoesOn();
    dies.start();
    const later = await sandbox.deliver(...["B-2.pdf", "B-3.pdf"].map((subject) => ({ kind: BOOK, dossier: "BBB", subject })));
    for (const id of later) await expect.poll(() => sandbox.status(id), { message: dies.said + lives.said }).toBe("succeeded");
    expect([...dies.asked(), ...lives.asked()].filter((id) => id === book)).toHaveLength(1);
    expect(await sandbox.task(book!)).toMatchObject({ status: "failed", attempts: [{ attempt: 1 }] });
  } finally {
    await dies.close();
    await lives.close();
  }
});

test("a connector that falls silent: a late report of what it did finish is accepted, and a colleague that looks in the package first takes over", async ({ sandbox, page }) => {
  await sandbox.shortLeases(page);
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  await sandbox.hello(0, { boot_id: "dies" });
  const [sync, late, removal] = await sandbox.deliver({ kind: SYNC, dossier: "AAA" }, { kind: BOOK, dossier: "BBB" }, { kind: DELETE, dossier: "CCC" });
  const held = await sandbox.claim(0);
  expect(held.map((t) => t.id)).toEqual([sync, late, removal]);
  // nothing more is heard of it; another connector waits for work
  await sandbox.hello(1, { recovers: [DELETE] });
  const taken = await sandbox.claim(1, { wait_seconds: 20 });
  const earlier = [{ attempt: 1, outcome: "lease_over" }];
  expect(taken).toMatchObject([{ id: sync, attempt: 2, earlier }, { id: removal, attempt: 2, earlier }]);
  for (const task of taken) expect(await sandbox.report(task, undefined, 1)).toBe("succeeded");
  await expect.poll(() => sandbox.status(late!)).toBe("failed");
  // it had finished one and only now reaches the desk
  expect(await sandbox.report(held[1]!, undefined, 0)).toBe("succeeded");
  expect(await sandbox.status(late!)).toBe("succeeded");
  // the other's lease is not its own any more
  const stale = await sandbox.connector(0, "report", { reports: [{ task: sync, lease: held[0]!.lease, outcome: { failed: { code: "database_error" } } }] });
  expect(stale.body.reports[0].error.code).toBe("stale_lease");
  expect(await sandbox.status(sync!)).toBe("succeeded");
});

test("[T6.7] a connector that goes on extending keeps its task beyond the lease, and nobody else is handed it", async ({ sandbox, page }) => {
  await sandbox.shortLeases(page);
  await sandbox.dossiers("adsolut", "AAA");
  await sandbox.manages("employee", "AAA");
  const machine = new Machine(sandbox, 0);
  try {
    machine.packageWaits();
    machine.start();
    const id = await sandbox.one({ kind: SYNC, dossier: "AAA" });
    await expect.poll(() => machine.asked(), { message: machine.said }).toEqual([id]);
    const { lease_seconds } = await sandbox.hello(1);
    expect(lease_seconds).toBe(10);
    // another that could take it asks all the time, for more than a lease
    const began = Date.now();
    expect(await sandbox.claim(1, { wait_seconds: 13 })).toEqual([]);
    expect(Date.now() - began).toBeGreaterThan(12_000);
    expect(await sandbox.status(id)).toBe("running");
    machine.packageGoesOn();
    await expect.poll(() => sandbox.status(id), { message: machine.said }).toBe("succeeded");
    expect(await sandbox.task(id)).toMatchObject({ attempts: [{ attempt: 1, connector: "Sandbox 1", outcome: "succeeded" }] });
    expect((await sandbox.task(id)).attempts).toHaveLength(1);
    expect(machine.asked()).toEqual([id]);
  } finally {
    await machine.close();
  }
});

test("[T2.3, T16.3] the expected pick-up is a range from the rhythm that the admin has set, counted from the connector's last visit", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/settings");
  const rhythm = async (from: number, to: number) => {
    await page.getByLabel("Next visit, earliest (seconds)").fill(String(from));
    await page.getByLabel("Next visit, latest (seconds)").fill(String(to));
    const saved = page.waitForResponse("**/api/desk/save_settings");
    await page.getByRole("button", { name: "Save settings" }).click();
    expect((await saved).status()).toBe(200);
  };
  const told = async () => (await sandbox.connector(1, "claim", { request_id: `told ${Date.now()}`, max: 1 })).body.next_poll_seconds;
  /** The very next claim is answered with the new rhythm. */
  const toldWithin = async (from: number, to: number) => {
    const t = await told();
    expect(t).toBeGreaterThanOrEqual(from);
    expect(t).toBeLessThanOrEqual(to);
  };
  await sandbox.hello(1, { packages: ["wings"] });
  await rhythm(1800, 2700);
  await toldWithin(1800, 2700);
  await sandbox.dossiers("adsolut", "AAA");
  expect(await sandbox.claim()).toEqual([]);
  const visited = Date.now();
  const id = await sandbox.one({ kind: SYNC, dossier: "AAA" });
  const expected = async (): Promise<[number, number, number]> => {
    const { waits_for, expected_pick_up_seconds } = await sandbox.task(id);
    expect(waits_for).toBe("next_visit");
    return [...(expected_pick_up_seconds as [number, number]), (Date.now() - visited) / 1000];
  };
  const [from, to, since] = await expected();
  expect(from).toBeLessThanOrEqual(1800);
  expect(from).toBeGreaterThanOrEqual(1800 - since - 2);
  expect(to - from).toBe(900);
  const other = await page.context().newPage();
  const panel = await sandbox.panel(other, id);
  await expect(panel.getByTestId("expected")).toHaveText(/^Expected pick-up: in (29|30) min to (44|45) min\.$/);

  // another rhythm: the next call is answered with it, and the range is another
  await rhythm(600, 900);
  await toldWithin(600, 900);
  const [sooner, later, passed] = await expected();
  expect(sooner).toBeLessThanOrEqual(600);
  expect(sooner).toBeGreaterThanOrEqual(600 - passed - 2);
  expect(later - sooner).toBe(300);
});

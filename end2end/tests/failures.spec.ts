/** What becomes of a failure: an instruction for the office, another try by itself, or Support. */
import { expect, type Page } from "@playwright/test";
import { SECOND, test as rehearsed } from "./clock";
import { Machine } from "./machine";
import { ACTIVATE, BOOK, DELETE, SYNC, alive, failed, row, status, test, type NewTask } from "./sandbox";
import { ACT, LANGUAGES, SOURCE_WORDS } from "./source_words";

interface Case {
  /** Clauses that it proves. */
  proves: string;
  source: string;
  package: string;
  packageName: string;
  code: string;
  task: Omit<NewTask, "dossier">;
  /** What the connector says of this failure. */
  params: Record<string, unknown>;
}

/** The six instructions of the sources. */
const CASES: Case[] = [
  {
    proves: "M9.1, M11.1", source: "Exact Online: no rights on a new dossier", package: "exact_online", packageName: "Exact Online", code: "dossier_access_missing",
    task: { kind: ACTIVATE, payload: { name: "Client CASE", package: "exact_online" } }, params: { connector_user: "connector@halden-vos.example" },
  },
  {
    proves: "M9.1, M11.2", source: "Wings: old database version", package: "wings", packageName: "Wings", code: "database_version_outdated",
    task: { kind: BOOK, subject: "ACH-1.pdf" }, params: {},
  },
  {
    proves: "M9.1, M11.3", source: "Expert-M: a payment is linked to the document", package: "expert_m", packageName: "Expert-M", code: "payment_linked",
    task: { kind: DELETE, subject: "2026-0412" }, params: { document_no: "2026-0412" },
  },
  {
    proves: "M9.1, M11.4", source: "Expert-M: database missing but a backup present", package: "expert_m", packageName: "Expert-M", code: "database_missing",
    task: { kind: SYNC }, params: { backup_present: true },
  },
  {
    proves: "M9.1, M11.5", source: "Adsolut: no open booking period", package: "adsolut", packageName: "Adsolut", code: "period_not_open",
    task: { kind: BOOK, subject: "FA-1.pdf" }, params: { period: "201802" },
  },
  {
    proves: "M9.1, M11.6", source: "WinBooks: no open VAT period", package: "winbooks", packageName: "WinBooks", code: "vat_period_not_open",
    task: { kind: BOOK, subject: "INV-1.pdf" }, params: { periods: ["201709", "201712"] },
  },
];

/** With the spaces as they read. */
const plain = (text: string) => text.replace(/\s+/g, " ").trim();

async function text(page: Page, selector: string): Promise<string[]> {
  return (await page.locator(selector).allTextContents()).map(plain);
}

for (const c of CASES) {
  test(`[${c.proves}] ${c.source}: an employee reads the status, what to do and why, in five languages`, async ({ sandbox, page }) => {
    if (c.task.kind === ACTIVATE) await sandbox.hello();
    else await sandbox.dossiers(c.package, "CASE");
    const id = await sandbox.fail({ ...c.task, dossier: "CASE" }, failed(c.code, c.params, "as the package says it"));
    expect(await sandbox.status(id)).toBe("action_required");
    const words = SOURCE_WORDS[`${c.package}.${c.code}`]!;
    expect((await sandbox.task(id)).instruction).toBe([words.en.title, ...words.en.steps].join("\n"));

    await sandbox.manages("employee", "CASE");
    await sandbox.signIn(page, "employee_sandbox");
    await sandbox.panel(page, id);
    await page.evaluate(() => document.documentElement.setAttribute("data-same", ""));
    for (const language of LANGUAGES) {
      const { title, cause, steps, escalate } = words[language];
      await page.locator(".language select").selectOption(language);
      await expect(page.locator("#detail h2").first()).toHaveText(`${title} · ${c.packageName}`);
      await expect(status(page)).toHaveText(ACT[language]);
      await expect.poll(() => text(page, "#detail .todo ol > li")).toEqual(steps);
      expect(await text(page, "#detail .lead")).toEqual([plain(cause)]);
      expect(await text(page, "#detail .escalate")).toEqual(escalate === undefined ? [] : [plain(escalate)]);
      // the list says it in the same language
      await expect(page.locator("section.grp h3")).toContainText([title]);
      await expect(page.locator("html")).toHaveAttribute("lang", language);
    }
    // it was the same page all the time
    await expect(page.locator("html")).toHaveAttribute("data-same", "");
  });
}

test("[M11.4] Expert-M: without a backup the instruction says so", async ({ sandbox, page }) => {
  await sandbox.dossiers("expert_m", "CASE");
  const id = await sandbox.fail({ kind: SYNC, dossier: "CASE" }, failed("database_missing", { backup_present: false }));
  await sandbox.manages("employee", "CASE");
  await sandbox.signIn(page, "employee_sandbox");
  const panel = await sandbox.panel(page, id);
  await expect(panel.locator(".lead")).toHaveText("The Expert-M server has no database for this dossier. No backup copy was found.");
});

test("an instruction whose values are missing is no riddle for the office: it goes to Support", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE" }, failed("period_not_open", {}));
  const task = await sandbox.task(id);
  expect(task.status).toBe("failed");
  expect(task.failure.code).toBe("period_not_open");
});

test("[T7.1, T16.1] a package that does not answer is tried again by itself, after a growing pause, and nobody is asked", async ({ sandbox, page }) => {
  await sandbox.dossiers("wings", "CASE");
  const id = await sandbox.one({ kind: BOOK, dossier: "CASE", subject: "D-90.pdf" });
  const other = await sandbox.one({ kind: SYNC, dossier: "CASE" });
  const tasks = await sandbox.claim();
  expect(tasks.map((t) => t.id)).toEqual([id]);
  expect(await sandbox.report(tasks[0]!, failed("package_unreachable", {}, "connect: timed out"))).toBe("queued");

  const resting = await sandbox.task(id);
  expect(resting).toMatchObject({ status: "queued", waits_for: "resting", instruction: null });
  expect(resting.attempts).toMatchObject([{ attempt: 1, outcome: "failed", report: { failed: { code: "package_unreachable", detail: "connect: timed out" } } }]);
  // it rests now and keeps its place: the dossier's next task comes after it, in the order of delivery
  expect(await sandbox.claim()).toEqual([]);
  expect(await sandbox.task(other)).toMatchObject({ status: "queued", waits_for: "behind", waits_for_task: id });

  await sandbox.signIn(page, "admin_sandbox");
  const panel = await sandbox.panel(page, id);
  await expect(status(page)).toHaveText("Queued");
  const words = await panel.getByTestId("waits").innerText();
  const seconds = Number(/tried again by itself in (\d+) s\./.exec(words)?.[1]);
  // 30 s, give or take a fifth, less the moments since
  expect(seconds, words).toBeGreaterThan(15);
  expect(seconds, words).toBeLessThanOrEqual(36);
  await expect(panel.getByTestId("waits")).toContainText("There is nothing to do.");
});

test("[T3.2, T7.1] after its pause the task is taken again before the later ones of its dossier, and the connector learns of the earlier try", async ({ sandbox }) => {
  await sandbox.dossiers("wings", "CASE");
  const [id, later] = await sandbox.deliver({ kind: BOOK, dossier: "CASE" }, { kind: SYNC, dossier: "CASE" });
  await sandbox.report(await sandbox.claimOne(), failed("package_unreachable"));
  const again = await sandbox.claim(0, { wait_seconds: 45 });
  const [first, second] = (await sandbox.task(id!)).attempts;
  const waited = (Date.parse(second.claimed_at) - Date.parse(first.ended_at)) / 1000;
  expect(again).toMatchObject([{ id, attempt: 2, earlier: [{ attempt: 1, outcome: "failed" }] }]);
  expect(waited).toBeGreaterThan(23);
  expect(waited).toBeLessThan(38);
  expect(await sandbox.report(again[0]!)).toBe("succeeded");
  expect((await sandbox.claimOne()).id).toBe(later);
});

rehearsed("[T7.2, T7.3] the shipped connector's package is gone: the pauses grow, each is told at the task, and after the fifth try it is red with Support", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "CASE");
  await watch.manages("employee", "CASE");
  const machine = new Machine(watch, 0);
  try {
    machine.loses();
    machine.start();
    const id = await watch.one({ kind: BOOK, dossier: "CASE", subject: "C-1.pdf" });
    await watch.signIn(page, "employee_sandbox");
    const panel = await watch.panel(page, id);
    const tried = async () => (await watch.task(id)).attempts.filter((a: { ended_at: string | null }) => a.ended_at !== null).length;
    /** For how long it will rest and has rested, in seconds. */
    const resting = async (): Promise<{ rest: number; since: number }> => {
      const detail = await (await page.request.post(`${watch.server.url}/api/desk/task_detail`, { data: { office: "sandbox", id } })).json();
      const ended = Date.parse((await watch.task(id)).attempts.at(-1).ended_at);
      return { rest: detail.waiting.resting, since: (watch.clock.now() - ended) / SECOND };
    };
    for (const [n, pause] of [30, 60, 120, 240].entries()) {
      await expect.poll(tried, { message: machine.said }).toBe(n + 1);
      await expect(status(page)).toHaveText("Queued");
      // told in the largest unit that fits: 40 s, 1 min
      await expect(panel.getByTestId("waits")).toContainText(/It is tried again by itself in \d+ (s|min)\./);
      await expect(async () => {
        const [, number, unit] = /in (\d+) (s|min)\./.exec(await panel.getByTestId("waits").innerText())!;
        const told = Number(number) * (unit === "min" ? 60 : 1);
        const { rest } = await resting();
        expect(told - rest).toBeLessThan(15);
        expect(rest - told).toBeLessThan(unit === "min" ? 61 : 2);
      }).toPass({ timeout: 45_000 });
      const { rest, since } = await resting();
      expect(rest + since, `pause after try ${n + 1}`).toBeGreaterThan(pause * 0.8 - 2);
      expect(rest + since, `pause after try ${n + 1}`).toBeLessThan(pause * 1.2 + 2);
      // until just before its end it rests
      await watch.clock.pass((rest - 10) * SECOND);
      expect((await resting()).rest).toBeLessThanOrEqual(10);
      expect(await tried()).toBe(n + 1);
      await watch.clock.pass(11 * SECOND);
    }
    await expect.poll(() => watch.status(id), { message: machine.said }).toBe("failed");
    const { attempts, failure } = await watch.task(id);
    expect(failure.code).toBe("package_unreachable");
    expect(attempts.map((a: { outcome: string }) => a.outcome)).toEqual(["failed", "failed", "failed", "failed", "failed"]);

    await expect(status(page)).toHaveText("With support");
    await expect(panel).toContainText("You do not need a ticket.");
    await panel.getByRole("link", { name: "The task’s whole life" }).click();
    await expect(page.locator("ol.tries > li")).toHaveText([1, 2, 3, 4, 5].map((n) => new RegExp(`Attempt ${n}\\s*Failed · Sandbox 1`)));
  } finally {
    await machine.close();
  }
});

test("[T7.4] wrong period, wrong journal, database error, double booking, wrong VAT code: each is a cause of its own and goes to Support", async ({ sandbox, page }) => {
  const causes = {
    period_wrong: "Wrong period", journal_wrong: "Wrong journal", database_error: "Database error",
    double_booking: "Double booking", vat_code_wrong: "Wrong VAT code", document_invalid: "The document cannot be read",
  };
  await sandbox.dossiers("adsolut", ...Object.keys(causes).map((code) => code.toUpperCase()));
  await sandbox.signIn(page, "admin_sandbox");
  for (const [code, words] of Object.entries(causes)) {
    const task = { kind: BOOK, dossier: code.toUpperCase(), subject: `${code}.pdf` };
    const id = await sandbox.fail(task, failed(code, { found: "X" }, "what the package said"));
    expect(await sandbox.task(id)).toMatchObject({ status: "failed", failure: { code, detail: "what the package said", params: { found: "X" } } });
    await page.goto(`${sandbox.server.url}/o/sandbox/tasks?task=${id}`);
    await expect(status(page)).toHaveText("With support");
    await expect(page.locator("#detail h2").first()).toContainText(words);
    await expect(page.locator("#detail")).toContainText("You do not need a ticket.");
  }
  await expect(page.locator("section.grp")).toHaveCount(Object.keys(causes).length);
});

test("[T7.4] a code that nobody knows goes to Support, with everything the connector said", async ({ sandbox, page }) => {
  await sandbox.dossiers("winbooks", "CASE");
  const detail = "Kostenplaats 4410 bestaat niet.";
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE" }, failed("cost_centre_unknown", { cost_centre: "4410" }, detail));
  const task = await sandbox.task(id);
  expect(task).toMatchObject({ status: "failed", instruction: null, failure: { code: "cost_centre_unknown", detail, params: { cost_centre: "4410" } } });
  await sandbox.signIn(page, "admin_sandbox");
  const panel = await sandbox.panel(page, id);
  await expect(status(page)).toHaveText("With support");
  await panel.getByText("Technical details").click();
  await expect(panel.locator("details")).toContainText("winbooks.cost_centre_unknown");
  await expect(panel.locator("details")).toContainText("4410");
  await expect(panel.locator("details pre")).toHaveText(detail);
});

test("[T8.1, T8.6, T16.1] a failed activation keeps its dossier's later tasks waiting, no other dossier's, and the screen says what waits for what", async ({ sandbox, page }) => {
  await sandbox.dossiers("exact_online", "OTHER");
  const activation = await sandbox.fail(
    { kind: ACTIVATE, dossier: "HELD", payload: { name: "Held & Co", package: "exact_online" } },
    failed("dossier_access_missing", { connector_user: "connector@halden-vos.example" }),
  );
  const [first, second, free] = await sandbox.deliver(
    { kind: BOOK, dossier: "HELD", subject: "H-1.pdf" }, { kind: SYNC, dossier: "HELD" }, { kind: BOOK, dossier: "OTHER" },
  );
  expect((await sandbox.claim()).map((t) => t.id)).toEqual([free]);
  expect(await sandbox.task(first!)).toMatchObject({ status: "queued", waits_for: "held", waits_for_task: activation });
  expect(await sandbox.task(second!)).toMatchObject({ status: "queued", waits_for: "held", waits_for_task: activation });

  await sandbox.signIn(page, "admin_sandbox");
  const panel = await sandbox.panel(page, activation);
  await expect(panel.locator(".holds")).toHaveText("Keeps 2 later tasks of this dossier waiting, so that no follow-on errors arise.");
  await row(page, first!).locator("a").click();
  await expect(panel.getByTestId("waits")).toContainText(`It waits for task ${activation}, which has stopped.`);
  await expect(panel.getByTestId("waits")).toContainText("Place 1 in the dossier’s line.");
  // the words lead to the task that is waited for
  await panel.getByTestId("waits").getByRole("link").click();
  await page.waitForURL(`**/o/sandbox/tasks/${activation}`);
  await alive(page);
  await expect(status(page)).toHaveText("Action employee required");

  // once the activation is done, they go on in their order
  await page.getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Queued");
  await sandbox.report(await sandbox.claimOne());
  for (const id of [first!, second!]) {
    const task = await sandbox.claimOne();
    expect(task.id).toBe(id);
    await sandbox.report(task);
  }
});

test("[T8.3] a task about a document waits for an earlier, failed one about the same document", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const failedOne = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "S-1.pdf" }, failed("database_error"));
  const [later, free] = await sandbox.deliver({ kind: DELETE, dossier: "CASE", subject: "S-1.pdf" }, { kind: BOOK, dossier: "CASE", subject: "S-2.pdf" });
  const other = await sandbox.claimOne();
  expect(other.id).toBe(free);
  await sandbox.report(other);
  expect(await sandbox.claim()).toEqual([]);
  expect(await sandbox.task(later!)).toMatchObject({ status: "queued", waits_for: "for_earlier", waits_for_task: failedOne });
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.panel(page, failedOne);
  await expect(status(page)).toHaveText("With support");
});

test("[T8.5] after a wrong journal, period or VAT code of one document, the dossier's next task about another document is handed out", async ({ sandbox }) => {
  const codes = ["journal_wrong", "period_wrong", "vat_code_wrong"];
  await sandbox.dossiers("adsolut", ...codes.map((code) => code.toUpperCase()));
  await sandbox.manages("employee", ...codes.map((code) => code.toUpperCase()));
  for (const code of codes) {
    const dossier = code.toUpperCase();
    const stopped = await sandbox.fail({ kind: BOOK, dossier, subject: "S-1.pdf" }, failed(code, { found: "X" }));
    expect(await sandbox.status(stopped)).toBe("failed");
    const [same, other] = await sandbox.deliver({ kind: BOOK, dossier, subject: "S-1.pdf" }, { kind: BOOK, dossier, subject: "S-2.pdf" });
    const next = await sandbox.claimOne();
    expect(next.id, code).toBe(other);
    await sandbox.report(next);
    // the document itself is another matter
    expect(await sandbox.claim()).toEqual([]);
    expect(await sandbox.task(same!), code).toMatchObject({ status: "queued", waits_for: "for_earlier", waits_for_task: stopped });
    expect(await sandbox.status(stopped), code).toBe("failed");
  }
});

/** Why a job does not run: the source's symptoms one by one (J26, J27, J30). */
import { expect, type Locator, type Page } from "@playwright/test";
import { axe } from "./support";
import { alive, DONE, failed, type Sandbox } from "./sandbox";
import { quiet as test } from "./clock";
import { asOperator, detail, doJob, runNow, setUp, sql, vouchers } from "./jobs_support";

test.use({ viewport: { width: 1440, height: 900 } });

async function open(sandbox: Sandbox, page: Page, job: number): Promise<void> {
  await sandbox.open(page, `/o/sandbox/procedures?job=${job}`);
}

function advice(page: Page): Locator {
  return page.getByTestId("advice");
}

function check(page: Page, key: string): Locator {
  return page.locator(`[data-check="${key}"]`);
}

const BROKEN = failed("database_error", {}, "the server went away");

test("[J26.4, J30.1] a stopped job is put back with today's date and its own clock time; after two tries IT is told, with the facts", async ({ sandbox, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await asOperator(sandbox, page, "1");
  const id = await setUp(page, sandbox, vouchers(["1"], ["00:00"]));
  await runNow(page, sandbox, id, BROKEN);
  await open(sandbox, page, id);
  const keys = ["server", "blocked", "queue", "start", "held", "requeued", "posting"];
  expect(await page.locator("[data-check]").evaluateAll((all) => all.map((e) => (e as HTMLElement).dataset.check))).toEqual(keys);
  // what may be done next, and nothing else
  const offered = (...buttons: string[]) => expect(advice(page).getByRole("button").or(advice(page).getByRole("link"))).toHaveText(buttons);
  const said = ["No.", "Yes, 1 time since it last finished.", "Yes, 2 times since it last finished."];
  for (let tries = 1; tries <= 2; tries++) {
    await expect(advice(page)).toContainText("The clock time stays 00:00.");
    await expect(check(page, "requeued").locator(".answer")).toHaveText(said[tries - 1]!);
    await offered("Queue again");
    await page.getByTestId("queue-again").click();
    // it runs today, at once, because its time is passed; its schedule is untouched
    await expect(advice(page)).toHaveAttribute("data-advice", /wait/);
    await offered();
    await expect(check(page, "requeued").locator(".answer")).toHaveText(said[tries]!);
    const found = await detail(page, sandbox, id);
    expect(found.form.schedule.at).toEqual(["00:00"]);
    expect(found.requeued).toBe(tries);
    const tasks = await sandbox.claim();
    expect(tasks).toHaveLength(1);
    await sandbox.report(tasks[0]!, BROKEN);
  }
  await expect(advice(page)).toContainText("Report to IT");
  await expect(advice(page)).toContainText("It was queued again twice and failed again.");
  await offered("Copy the facts");
  await expect(check(page, "requeued").locator(".answer")).toHaveText(said[2]!);
  const report = (await page.getByTestId("report").textContent())!.split("\n");
  expect(report).toEqual([
    `Postere bilag alle selskap, job ${id}, does not run.`,
    "Office: sandbox · Kind: Post vouchers · Error",
    "Companies: 1 · Runs as: PROGRAMSERVERBRUKER ØKONOMI",
    expect.stringMatching(/^Looked at: .* 12:\d\d$/),
    expect.stringMatching(/^- Is the server calling in\? Sandbox 1: .*, last call .* ago\.$/),
    "- Is this a blocked window? No, nothing blocks it now.",
    "- Is a long job before it? No, nothing works for its companies.",
    "- Is its start time passed? It has no further time.",
    expect.stringMatching(/^- Is it put aside on purpose\? No, it stopped after an error, .* 12:\d\d\.$/),
    "- Was it queued again already? Yes, 2 times since it last finished.",
    "- Is the posting status of its companies OK? Yes.",
    "Last error: 1: the server went away",
  ]);
  await page.getByTestId("copy-report").click();
  await expect(page.getByText("Copied.")).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await page.getByTestId("report").textContent());
});

test("[J26.2] putting it back too early is prevented while another job works for its company; a reason overrides", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1", "75");
  const id = await setUp(page, sandbox, vouchers(["1"], ["00:00"]));
  const long = await setUp(page, sandbox, vouchers(["1", "75"], ["22:00"], { description: "Kommunale avgifter", estimate_minutes: 55 }));
  await runNow(page, sandbox, id, BROKEN);
  await runNow(page, sandbox, long);
  await open(sandbox, page, id);
  await expect(check(page, "queue")).toContainText(`Kommunale avgifter (job ${long})`);
  await expect(check(page, "queue")).toContainText("usual 55 min");
  await expect(page.getByTestId("queue-again")).toBeDisabled();
  const { line } = await detail(page, sandbox, id);
  const early = await page.request.post(`${sandbox.server.url}/api/desk/do_job`, { data: { office: "sandbox", id, version: line.version, verb: "queue", why: null } });
  expect(early.status()).toBe(409);
  await page.getByLabel("Why you do not wait").fill("company 75 posts all night");
  await page.getByTestId("queue-despite").click();
  await expect(advice(page)).toHaveAttribute("data-advice", "wait");
  const stood = (await detail(page, sandbox, id)).stood;
  expect(stood.why).toBe("company 75 posts all night");
});

test("queued with its start time passed is an alarm to IT; in a blocked window it is not", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const id = await setUp(page, sandbox, vouchers(["1"], ["22:00"]));
  await doJob(page, sandbox, id, "run_now");
  sql(sandbox, `UPDATE run SET due_at = due_at - 1500000 WHERE job = ${id}`);
  await open(sandbox, page, id);
  await expect(page.locator("[data-testid=job-status]")).toHaveText("Overdue");
  await expect(check(page, "start")).toHaveAttribute("data-mark", "bad");
  await expect(check(page, "start")).toContainText("is passed by 25 min");
  await expect(advice(page)).toContainText("It is queued, its start time is passed, and nothing explains it.");
  sql(sandbox, `INSERT INTO blocked (office, reason, owner, days, date, from_m, minutes, version)
    SELECT id, 'Backup', 'IT', '["mon","tue","wed","thu","fri","sat","sun"]', NULL, 0, 1440, 1 FROM office WHERE code = 'sandbox'`);
  await page.reload();
  await expect(advice(page)).toContainText("It goes on when the blocked window is over");
  await expect(check(page, "blocked")).toContainText("Backup");
});

test("the posting status PO is set back to OK, but not while a large invoicing run is being posted", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1", "75");
  const id = await setUp(page, sandbox, vouchers(["1"], ["23:59"]));
  const large = await setUp(page, sandbox, vouchers(["75"], ["23:30"], { description: "Fakturering Avfall Sør" }));
  sql(sandbox, "UPDATE dossier SET large = 1 WHERE code = '75'");
  // a posting that is not through says so itself
  const [task] = await runNow(page, sandbox, id);
  await sandbox.report(task!, failed("posting_not_through", {}, "PO"));
  const running = await runNow(page, sandbox, large);
  await sandbox.open(page, "/o/sandbox/procedures?tab=posting");
  const line = page.locator('[data-company="1"]');
  await expect(line).toContainText("PO since");
  await expect(page.getByTestId("large-run")).toContainText(`Fakturering Avfall Sør (job ${large})`);
  await expect(line.getByRole("button")).toBeDisabled();
  const refused = await page.request.post(`${sandbox.server.url}/api/desk/set_posting_ok`, { data: { office: "sandbox", company: "1" } });
  expect(refused.status()).toBe(409);
  await sandbox.report(running[0]!, DONE);
  await expect(page.getByTestId("large-run")).toHaveCount(0);
  await line.getByRole("button", { name: "Set company 1 to OK" }).click();
  await expect(page.getByText("Every company is OK.")).toBeVisible();
  const asked = { who: "", what: "posting", from: "", to: "", text: "", before: null };
  const log = await sandbox.as("admin_sandbox", (call) => call("audit", { office: "sandbox", asked }));
  expect(log.lines[0]).toMatchObject({ before: "PO", after: "OK" });
});

test("[J27.3] PO stands at a company only after its package reported a posting that is not through", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1", "75", "80");
  const id = await setUp(page, sandbox, vouchers(["1", "75", "80"], ["23:59"]));
  await sandbox.open(page, "/o/sandbox/procedures?tab=posting");
  await expect(page.getByText("Every company is OK.")).toBeVisible();
  const tasks = await runNow(page, sandbox, id);
  const of = (company: string) => tasks.find((t) => t.dossier.code === company)!;
  // other failures, and what is through, make none
  await sandbox.report(of("75"), BROKEN);
  await sandbox.report(of("80"), DONE);
  await page.reload();
  await alive(page);
  await expect(page.getByText("Every company is OK.")).toBeVisible();
  await sandbox.report(of("1"), failed("posting_not_through", {}, "The status of the last posting is PO."));
  await expect(page.locator("[data-company]")).toHaveCount(1);
  await expect(page.locator('[data-company="1"]')).toContainText("PO since");
});

test("the start time is not passed and the ledger is not updated: the help says to set PO back", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const id = await setUp(page, sandbox, vouchers(["1"], ["23:59"]));
  sql(sandbox, "UPDATE dossier SET posting = 'po' WHERE code = '1'");
  await open(sandbox, page, id);
  await expect(check(page, "posting")).toHaveAttribute("data-mark", "bad");
  await page.getByTestId("set-posting").click();
  await expect(advice(page)).toHaveAttribute("data-advice", "wait");
  await expect(check(page, "posting")).toHaveAttribute("data-mark", "good");
});

test("what is on hold on purpose names who and why, and is left alone", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const id = await setUp(page, sandbox, vouchers(["1"], ["23:59"]));
  await doJob(page, sandbox, id, "hold", "Visma Aksesspunkt menighetene");
  await open(sandbox, page, id);
  await expect(check(page, "held")).toContainText("Visma Aksesspunkt menighetene");
  await expect(advice(page)).toHaveAttribute("data-advice", "leave");
});

for (const [name, width, height] of [["desktop", 1440, 900], ["phone", 390, 844]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`the help for a stuck job breaks no rule: ${name}, ${colorScheme}`, async ({ sandbox, page }) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await asOperator(sandbox, page, "1");
      const id = await setUp(page, sandbox, vouchers(["1"], ["00:00"]));
      await runNow(page, sandbox, id, BROKEN);
      await open(sandbox, page, id);
      await axe(page);
      sql(sandbox, `UPDATE job SET requeued = 2 WHERE id = ${id}`);
      await page.reload();
      await alive(page);
      await expect(page.getByTestId("report")).toBeVisible();
      await axe(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    });
  }
}

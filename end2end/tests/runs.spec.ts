/** What jobs did: every run is there, also the one that did not happen (J23, J25, J29). */
import { expect, type Locator, type Page } from "@playwright/test";
import { axe, watchErrors } from "./support";
import { alive, test } from "./sandbox";
import { SECOND, after, instant, local, test as clockTest, type Watch } from "./clock";
import { ALL_DAYS, act, claimRuns, companies, desk, form, helloServer, line, ran, setUp } from "./jobs";

test.use({ viewport: { width: 1440, height: 900 } });
clockTest.use({ viewport: { width: 1440, height: 900 } });

/** A server that runs jobs, with a person who may set them up; the office's clock shows 10:00 of the day that is given back. */
async function tomorrow(watch: Watch, page: Page, ...codes: string[]): Promise<string> {
  const day = after(local(watch.clock.now()).day, 1);
  await watch.clock.set(instant(day, "10:00"));
  await companies(watch, ...codes);
  await watch.signIn(page, "operator_sandbox");
  return day;
}

/** The desk is down until then. */
async function down(watch: Watch, until: number): Promise<void> {
  await watch.server.kill();
  await watch.clock.set(until);
  await watch.crash();
  await helloServer(watch);
}

/** What the list of runs says of a job's, the latest first: when each was due, its state, and its note. */
async function runs(watch: Watch, page: Page, id: number): Promise<[string, string, string][]> {
  await watch.open(page, `/o/sandbox/jobs/runs?job=${id}`);
  const rows = await page.locator("tr[data-run]").all();
  const text = async (row: Locator, cell: string) => ((await row.locator(cell).textContent()) ?? "").trim();
  return Promise.all(rows.map(async (row) => [/\d\d:\d\d/.exec(await text(row, ".j3"))![0], await text(row, "[data-testid=run-state]"), await text(row, ".j7")] as [string, string, string]));
}

/** The list of a job's runs comes to say this: what was missed is written down a moment after the start. */
async function lists(watch: Watch, page: Page, id: number, wanted: [string, string, string][]): Promise<void> {
  await expect.poll(() => runs(watch, page, id)).toEqual(wanted);
}

const HOURLY = { zone: "Europe/Brussels", days: ALL_DAYS, every: { minutes: 60, from: "08:00", to: "16:00" } };
const REPORT = [{ what: "report", path: "REGNSKAP", file: "Rapport.txt", format: "DEFAULT", email: "" }];
const posting = (company: string, schedule: Record<string, unknown>) =>
  form("post_vouchers", company, "", { companies: [company], params: { registered_by: "A" }, outputs: REPORT, schedule });

clockTest("[J29.1] a run whose time passed while the desk was down runs once, late, within its grace or its window, and says so", async ({ watch, page }) => {
  const day = await tomorrow(watch, page, "1", "2");
  // four hours of grace; and half an hour, in a window that is open until 16:00
  const daily = await setUp(watch, page, form("outgoing_invoice_status", "1", "12:10", { params: { integration: "Status" } }));
  const hourly = await setUp(watch, page, posting("2", HOURLY));
  await down(watch, instant(after(day, 1), "14:50"));
  const tasks = await claimRuns(watch);
  expect(tasks.map((t) => [t.payload.job, t.payload.due_at]).sort()).toEqual([
    [daily, expect.stringContaining(`${after(day, 1)}T12:10`)],
    [hourly, expect.stringContaining(`${after(day, 1)}T14:00`)],
  ]);
  for (const task of tasks) await watch.report(task, ran());
  // once, and nothing beside
  expect(await watch.claim()).toEqual([]);
  await lists(watch, page, daily, [["12:10", "Finished", "late"], ["12:10", "Missed", "late"]]);
  // of the day before six, of this one another six
  await lists(watch, page, hourly, [["14:00", "Finished", "late"], ["13:00", "Missed", "late, stands for 12 times"]]);
});

clockTest("[J29.2] beyond window and grace it is a row that says how often it was missed, and nothing runs", async ({ watch, page }) => {
  const day = await tomorrow(watch, page, "1", "2");
  const daily = await setUp(watch, page, form("outgoing_invoice_status", "1", "12:10", { params: { integration: "Status" } }));
  const half = await setUp(watch, page, posting("2", { zone: "Europe/Brussels", days: ALL_DAYS, every: { minutes: 30, from: "11:00", to: "12:00" } }));
  await down(watch, instant(after(day, 3), "18:00"));
  await expect.poll(async () => {
    await watch.open(page, "/o/sandbox/jobs/runs?state=missed");
    return page.locator("tr[data-run]").count();
  }).toBe(4);
  await expect(page.locator("tr[data-run]").first()).toContainText("Not started");
  await axe(page);
  // four days: the last time by itself, those before it together
  await lists(watch, page, daily, [["12:10", "Missed", "late"], ["12:10", "Missed", "late, stands for 3 times"]]);
  await lists(watch, page, half, [["12:00", "Missed", "late"], ["11:30", "Missed", "late, stands for 11 times"]]);

  // what is made now is all there is to take
  await act(watch, page, daily, "run_now");
  const [byHand, ...more] = await claimRuns(watch);
  expect([byHand!.payload.job, more]).toEqual([daily, []]);
  await watch.report(byHand!, ran());
  await expect.poll(async () => (await runs(watch, page, daily)).map(([, state]) => state)).toEqual(["Finished", "Missed", "Missed"]);
  // and each goes on at its own time
  for (const [job, time] of [[half, "11:00"], [daily, "12:10"]] as const) {
    await watch.clock.set(instant(after(day, 4), time) + 5 * SECOND);
    if (job === half) {
      const [task, ...more] = await claimRuns(watch);
      expect([task!.payload.job, more]).toEqual([half, []]);
      await watch.report(task!, ran());
    } else {
      const due = (await claimRuns(watch)).filter((t) => t.payload.job === daily);
      expect(due.map((t) => t.payload.due_at)).toEqual([expect.stringContaining(`${after(day, 4)}T12:10`)]);
    }
  }
});

clockTest("[J29.3] a missed run that moves money asks: a person has it run now, or skips it, under their name; a second answer is refused", async ({ watch, page, browser }) => {
  const day = await tomorrow(watch, page, "1", "2");
  const nets = await setUp(watch, page, form("nets_integration", "1", "12:00"));
  const autopay = await setUp(watch, page, form("autopay_remittance", "2", "11:50", { outputs: [{ what: "report", path: "AUTOPAY", file: "Autopay", format: "PDF", email: "" }] }));
  // late by less than its grace: it asks all the same
  await down(watch, instant(day, "12:10"));
  const colleague = await watch.person(await browser.newContext(), "admin_sandbox");

  const answer = async (job: number, button: string) => {
    await watch.open(page, "/o/sandbox/jobs");
    await expect(line(page, job).getByTestId("job-status")).toHaveText("Asks");
    await expect(line(page, job).locator(".j6")).toContainText("Waits for an answer");
    await line(page, job).getByRole("link", { name: /^Open/ }).click();
    await expect(page.getByTestId("advice")).toHaveText("A run was missed and moves money. Say whether it still runs.");
    await expect.poll(async () => (await runs(watch, page, job)).map(([, state]) => state)).toEqual(["Asks"]);
    await page.locator("tr[data-run] .j3 a").click();
    const asks = page.getByTestId("asks");
    await expect(asks).toContainText("It moves money, so it does not run late by itself.");
    await axe(page);
    const run = Number(page.url().split("/").pop());
    await watch.open(colleague, `/o/sandbox/jobs/runs/${run}`);
    await expect(colleague.getByTestId("asks")).toBeVisible();
    await asks.getByRole("button", { name: button }).click();
    await expect(asks).toHaveCount(0);
    // the colleague's page follows, and an answer that was on its way is refused, whatever it says
    await expect(colleague.getByTestId("asks")).toHaveCount(0);
    for (const run_now of [true, false]) {
      const late = await watch.call(colleague, "answer_run", { office: "sandbox", id: run, run_now });
      expect([late.status, late.body.detail]).toEqual([409, "Somebody has answered for this run already."]);
    }
    return run;
  };

  const skipped = await answer(autopay, "Skip");
  await expect(page.getByTestId("run-state")).toHaveText("Skipped");
  await expect(page.getByTestId("note")).toContainText("skipped by Olav Post");
  await expect(page.getByText("No company took part: this run was not made.")).toBeVisible();
  const made = await answer(nets, "Run now");
  const [task, ...more] = await claimRuns(watch);
  expect([task!.payload.job, task!.payload.run, more]).toEqual([nets, made, []]);
  await watch.report(task!, ran({ sent: 2 }));
  await expect(page.getByTestId("run-state")).toHaveText("Finished");
  await watch.open(colleague, "/o/sandbox/audit?what=answer_run");
  const log = colleague.locator("tr[data-what=answer_run]");
  await expect(log).toHaveCount(2);
  for (const [run, said] of [[made, "run_now"], [skipped, "skip"]] as const) {
    const row = log.filter({ hasText: `run ${run}: ${said}` });
    await expect(row).toContainText("Olav Post");
  }
});

clockTest("[J29.4] a job that is due while its own run is under way does not run beside it; a row says why", async ({ watch, page }) => {
  const day = await tomorrow(watch, page, "1");
  const id = await setUp(watch, page, form("outgoing_invoices", "1", "", { schedule: { zone: "Europe/Brussels", days: ALL_DAYS, at: ["12:00", "12:30"] } }));
  await watch.clock.set(instant(day, "12:00") + 5 * SECOND);
  const [first] = await claimRuns(watch);
  await watch.clock.set(instant(day, "12:30") + 5 * SECOND);
  await expect.poll(() => runs(watch, page, id)).toEqual([["12:30", "Missed", "the run before was not over"], ["12:00", "Running", ""]]);
  expect(await watch.claim()).toEqual([]);
  await watch.report(first!, ran({ sent: 1 }));
  // the one that was missed is not made up for
  await watch.clock.set(instant(after(day, 1), "12:00") + 5 * SECOND);
  expect((await claimRuns(watch)).map((t) => t.payload.due_at)).toEqual([expect.stringContaining(`${after(day, 1)}T12:00`)]);
});

clockTest("[J25.2] on hold on purpose: it says who and why, does not run when its time comes, and alarms nobody", async ({ watch, page }) => {
  const day = await tomorrow(watch, page, "1", "2", "3");
  const status = (company: string, at: string) => setUp(watch, page, form("outgoing_invoice_status", company, at, { params: { integration: "Status" } }));
  const [held, other, late] = [await status("1", "12:00"), await status("2", "12:10"), await status("3", "12:20")];
  await watch.open(page, `/o/sandbox/jobs/${held}`);
  await page.getByRole("button", { name: "Put on hold" }).click();
  await page.getByRole("dialog").getByLabel("Why (others read it)").fill("Visma Aksesspunkt menighetene");
  await page.getByTestId("confirm").click();
  await expect(page.locator("#now").getByTestId("job-status")).toHaveText("On hold");
  await expect(page.getByTestId("stood")).toContainText(/Visma Aksesspunkt menighetene \(Olav Post, .*10:0\d\)/);
  const { version } = (await desk(watch, page, "job", { id: held })).line;

  await watch.clock.set(instant(day, "12:10") + 5 * SECOND);
  const tasks = await claimRuns(watch);
  expect(tasks.map((t) => t.payload.job)).toEqual([other]);
  await watch.report(tasks[0]!, ran());
  await watch.clock.set(instant(day, "12:20") + 5 * SECOND);
  await expect.poll(async () => (await runs(watch, page, late)).map(([due]) => due)).toEqual(["12:20"]);
  await watch.clock.set(instant(day, "14:00"));
  // one that nobody took alarms, the one on hold does not
  await watch.open(page, "/o/sandbox/alerts");
  const alarms = page.locator('[data-alert="overdue_job"]');
  await expect(alarms.getByRole("link", { name: "Open the job" })).toHaveAttribute("href", `/o/sandbox/jobs/${late}?why=1`);
  await expect(alarms).toHaveCount(1);
  expect(await runs(watch, page, held)).toEqual([]);
  await expect(page.getByText("No run matches.")).toBeVisible();
  await watch.open(page, "/o/sandbox/jobs");
  await expect(line(page, late).getByTestId("job-status")).toHaveText("Overdue");
  await expect(line(page, held).getByTestId("job-status")).toHaveText("On hold");
  await watch.open(page, `/o/sandbox/procedures?job=${held}`);
  await expect(page.locator('[data-check="held"]')).toContainText(/Olav Post.*Visma Aksesspunkt menighetene|Visma Aksesspunkt menighetene.*Olav Post/);
  await expect(page.getByTestId("advice")).toHaveAttribute("data-advice", "leave");
  expect((await desk(watch, page, "job", { id: held })).line.version).toBe(version);
});

clockTest("[J23.10] K500 runs first, the range after its finish, also when the range's own time has come", async ({ watch, page }) => {
  const day = await tomorrow(watch, page, "1", "2");
  const outputs = ["proposal", "notice", "approval"].map((what) => ({ what, path: "Okonomi/Purringer", file: `${what}_{company}_{ledger}_{code}`, format: "PDF", email: "" }));
  const params = { area: "K500", ledger: "PFEL", code: "P1", voucher_type: "23" };
  const k500 = await setUp(watch, page, form("dunning_p1", "1", "18:00", { params, outputs }));
  const range = await setUp(watch, page, form("dunning_p1", "1", "18:30", { params: { ...params, area: "K100–K800" }, outputs, after: k500 }));
  // another company's, whose time comes after the range's: once it is made, the range has been looked at
  const other = await setUp(watch, page, form("outgoing_invoice_status", "2", "18:40", { params: { integration: "Status" } }));
  await watch.clock.set(instant(day, "18:00") + 5 * SECOND);
  const [first, ...none] = await claimRuns(watch);
  expect([first!.payload.job, none]).toEqual([k500, []]);
  await watch.clock.set(instant(day, "18:40") + 5 * SECOND);
  const [second, ...neither] = await claimRuns(watch);
  expect([second!.payload.job, neither]).toEqual([other, []]);
  await watch.open(page, "/o/sandbox/jobs");
  await expect(line(page, k500).getByTestId("job-status")).toHaveText("Running");
  await expect(line(page, range).locator(".j5")).toContainText("Never");
  await watch.report(first!, ran({ proposed: 3, notices: 3 }));
  expect((await claimRuns(watch)).map((t) => t.payload.job)).toEqual([range]);
  await expect(line(page, range).getByTestId("job-status")).toHaveText("Running");
});

test("the list of runs: states as chips, one job, older ones, new ones that wait to be shown", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await sandbox.signIn(page, "operator_no");
  await sandbox.open(page, "/o/kristiansand/jobs/runs");
  const rows = page.locator("tr[data-run]");
  await expect(rows).toHaveCount(100);
  await page.getByRole("button", { name: "Show older" }).click();
  await expect(rows).toHaveCount(200);
  const ids = await rows.evaluateAll((all) => all.map((r) => Number(r.getAttribute("data-run"))));
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
  await page.locator('[data-chip="finished"]').click();
  await expect(page).toHaveURL(/state=finished/);
  await expect(page.locator('[data-testid="run-state"]').filter({ hasNotText: /^Finished$/ })).toHaveCount(0);
  await page.getByLabel("Only job").fill("5");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/job=5/);
  await expect(rows.filter({ hasNotText: "Nets_selskap 1" })).toHaveCount(0);
  await page.reload();
  await alive(page);
  await expect(page.getByLabel("Only job")).toHaveValue("5");
  await page.locator('[data-chip="asks"]').click();
  await expect(page.getByText("No run matches.")).toBeVisible();

  // a run that comes now waits behind "new", and is shown when asked for
  await sandbox.open(page, "/o/kristiansand/jobs/runs?job=5");
  const n = await rows.count();
  const { line: now } = await desk(sandbox, page, "job", { office: "kristiansand", id: 5 });
  await desk(sandbox, page, "do_job", { office: "kristiansand", id: 5, version: now.version, verb: "run_now", why: null });
  const show = page.getByRole("button", { name: /1 new/ });
  await expect(show).toBeVisible();
  await expect(rows).toHaveCount(n);
  await show.click();
  await expect(rows).toHaveCount(n + 1);
  await expect(rows.first()).toContainText("started by hand");
  await expect(rows.first().getByTestId("run-state")).toHaveText("Finished");
  expect(errors).toEqual([]);
});

/** What jobs did: every run is there, also the one that did not happen (J23, J25, J29). */
import { expect } from "@playwright/test";
import { axe, watchErrors } from "./support";
import { alive, test } from "./sandbox";
import { act, change, claimRuns, companies, desk, form, helloServer, line, ran, setUp } from "./jobs";

test.use({ viewport: { width: 1440, height: 900 } });

test("[J29] a run whose time passed while the desk was down is a visible row; one that moves money asks a person: run now", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "2");
  await sandbox.signIn(page, "support");
  // at a minute that is far from now, so that nothing of it happens by itself while the test looks
  const hour = (new Date().getUTCHours() + 12) % 24;
  const at = `${String(hour).padStart(2, "0")}:33`;
  const rates = await setUp(sandbox, page, form("outgoing_invoice_status", "2", at, { params: { integration: "Status" } }));
  const nets = await setUp(sandbox, page, form("nets_integration", "1", at));
  // both were due two days ago, and again a day ago
  await change(sandbox, `UPDATE job SET next_at = next_at - 3 * 86400000 WHERE id IN (${rates}, ${nets})`);

  await sandbox.open(page, "/o/sandbox/jobs/runs?state=missed");
  const missed = page.locator("tr[data-run]").filter({ hasText: "Invoice status" });
  await expect(missed.first().getByTestId("run-state")).toHaveText("Missed");
  await expect(missed.first()).toContainText("Not started");
  await expect(missed.first()).toContainText("late");
  await expect(missed.filter({ hasText: /stands for \d+ times/ })).toHaveCount(1);
  await axe(page);
  // nothing was made of either
  await helloServer(sandbox);
  expect(await sandbox.claim()).toEqual([]);

  await sandbox.open(page, "/o/sandbox/jobs");
  await expect(line(page, nets).getByTestId("job-status")).toHaveText("Asks");
  await expect(line(page, nets).locator(".j6")).toContainText("Waits for an answer");
  await line(page, nets).getByRole("link", { name: /^Open/ }).click();
  const asks = page.getByTestId("asks");
  await expect(asks).toContainText("It moves money, so it does not run late by itself.");
  await expect(page.getByTestId("advice")).toHaveText("A run was missed and moves money. Say whether it still runs.");
  await axe(page);
  await asks.getByRole("button", { name: "Run now" }).click();
  await expect(page.getByRole("status").filter({ hasText: "The run is made now." })).toBeVisible();
  await expect(asks).toHaveCount(0);
  const [task] = await claimRuns(sandbox);
  expect(task!.payload.job).toBe(nets);
  await sandbox.report(task!, ran({ sent: 2 }));
  await expect(page.locator("#now").getByTestId("job-status")).toHaveText("Queued");
  await sandbox.open(page, "/o/sandbox/audit?what=answer_run");
  await expect(page.locator("tr[data-what=answer_run]")).toContainText("run_now");
});

test("[J29] a person skips a missed run that moves money; their name stands beside it, and a second answer is refused", async ({ sandbox, page, browser }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "support");
  const hour = (new Date().getUTCHours() + 12) % 24;
  const nets = await setUp(sandbox, page, form("nets_integration", "1", `${String(hour).padStart(2, "0")}:33`));
  await change(sandbox, `UPDATE job SET next_at = next_at - 86400000 WHERE id = ${nets}`);
  await sandbox.open(page, `/o/sandbox/jobs/runs?job=${nets}`);
  await expect(page.getByTestId("run-state")).toHaveText("Asks");
  await page.locator("tr[data-run] .j3 a").click();
  await expect(page.getByTestId("asks")).toBeVisible();
  const run = Number(page.url().split("/").pop());
  // a colleague looks at the same run
  const context = await browser.newContext();
  const other = await context.newPage();
  await sandbox.signIn(other, "support");
  await sandbox.open(other, `/o/sandbox/jobs/runs/${run}`);
  await expect(other.getByTestId("asks")).toBeVisible();
  await page.getByTestId("asks").getByRole("button", { name: "Skip" }).click();
  await expect(page.getByTestId("run-state")).toHaveText("Skipped");
  await expect(page.getByTestId("note")).toContainText("skipped by Sara Support");
  await expect(page.getByText("No company took part: this run was not made.")).toBeVisible();
  // the other page follows, and an answer that was on its way is refused
  await expect(other.getByTestId("asks")).toHaveCount(0);
  const late = await other.request.post(`${sandbox.server.url}/api/desk/answer_run`, { data: { office: "sandbox", id: run, run_now: true } });
  expect(late.status()).toBe(409);
  await context.close();
  await helloServer(sandbox);
  expect(await sandbox.claim()).toEqual([]);
});

test("[J23] the range runs only after K500 is finished, also when its own time has come", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "support");
  const outputs = ["proposal", "notice", "approval"].map((what) => ({ what, path: "Okonomi/Purringer", file: `${what}_{company}_{ledger}_{code}`, format: "PDF", email: "" }));
  const params = { area: "K500", ledger: "PFEL", code: "P1", voucher_type: "23" };
  const k500 = await setUp(sandbox, page, form("dunning_p1", "1", "18:00", { params, outputs }));
  const range = await setUp(sandbox, page, form("dunning_p1", "1", "18:30", { params: { ...params, area: "K100–K800" }, outputs, after: k500 }));
  // K500 is under way
  await act(sandbox, page, k500, "run_now");
  const [first] = await claimRuns(sandbox);
  expect(first!.payload.job).toBe(k500);
  // and the range's time comes: a minute ago, as the scheduler sees it
  await change(sandbox, `UPDATE job SET next_at = ${Date.now() - 30_000} WHERE id = ${range}`);
  await helloServer(sandbox);
  await sandbox.open(page, "/o/sandbox/jobs");
  await expect(line(page, k500).getByTestId("job-status")).toHaveText("Running");
  await page.waitForTimeout(3_000);
  await expect(line(page, range).locator(".j5")).toContainText("Never");
  await sandbox.report(first!, ran({ proposed: 3, notices: 3 }));
  await expect(line(page, range).getByTestId("job-status")).toHaveText("Planned");
  const [second] = await claimRuns(sandbox);
  expect(second!.payload.job).toBe(range);
});

test("[J25] the list of runs: states as chips, one job, older ones, new ones that wait to be shown", async ({ sandbox, page }) => {
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

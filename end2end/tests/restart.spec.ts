/** Follow-up of tasks: what needs doing stands there, is done, and every other screen follows by itself. */
import { expect, type Page } from "@playwright/test";
import { BOOK, SYNC, failed, row, status, test } from "./sandbox";

const CLOSED = failed("period_not_open", { period: "201802" });

test("[T14] the list shows what failed and what needs action, and nothing else, until another status is chosen", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE", "RED", "CALM");
  const orange = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  const red = await sandbox.fail({ kind: BOOK, dossier: "RED", subject: "A-2.pdf" }, failed("database_error"));
  const queued = await sandbox.one({ kind: BOOK, dossier: "CALM", subject: "A-3.pdf" });
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  await expect(page.locator("li.tr")).toHaveCount(2);
  await expect(row(page, orange)).toHaveAttribute("data-state", "action_required");
  await expect(row(page, red)).toHaveAttribute("data-state", "failed");
  await expect(row(page, orange).locator(".mark")).toHaveText("Action required");
  await expect(row(page, red).locator(".mark")).toHaveText("With support");
  await expect(page.locator("[data-chip][aria-current=true]")).toHaveCount(2);
  await expect(page.locator("[data-chip=queued]")).toHaveText(/Queued\s*1/);

  await page.locator("[data-chip=queued]").click();
  await expect.poll(() => new URL(page.url()).searchParams.get("status")).toBe("failed,action_required,queued");
  await expect(row(page, queued)).toBeVisible();
  await page.locator("[data-chip=failed]").click();
  await expect(row(page, red)).toHaveCount(0);
  // the filter is the address: a colleague sees the same
  await page.reload();
  await expect(page.locator("li.tr")).toHaveCount(2);
  await expect(row(page, red)).toHaveCount(0);
});

test("[T14][M9] left stands the status, right the instruction to carry out", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  await row(page, id).locator("a").click();
  const panel = page.locator("#detail");
  await expect(panel.getByRole("heading", { level: 2 })).toHaveText("Open booking period 2018-02 · Adsolut");
  await expect(panel.locator(".todo ol > li")).toHaveCount(3);
  const [mark, name, detail] = [await row(page, id).locator(".mark").boundingBox(), await row(page, id).locator("a").boundingBox(), await panel.boundingBox()];
  expect(mark!.x + mark!.width).toBeLessThanOrEqual(name!.x);
  expect(name!.x).toBeLessThan(detail!.x);
});

for (const [how, act] of [
  ["the button", async (page: Page) => page.locator("#detail").getByRole("button", { name: /^Restart task/ }).click()],
  ["the key R", async (page: Page) => page.keyboard.press("r")],
] as const) {
  test(`[M10][S2] a restart with ${how} changes the line at once, and within a second on a colleague's screen`, async ({ sandbox, page, browser }) => {
    await sandbox.dossiers("adsolut", "CASE", "NEXT");
    const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
    const beside = await sandbox.fail({ kind: BOOK, dossier: "NEXT", subject: "B-1.pdf" }, CLOSED);
    await sandbox.signIn(page, "support");
    await sandbox.open(page, "/o/sandbox/tasks");
    await row(page, id).locator("a").click();
    await expect(status(page)).toHaveText("Action employee required");

    const context = await browser.newContext();
    const colleague = await context.newPage();
    await sandbox.signIn(colleague, "support");
    await sandbox.open(colleague, "/o/sandbox/tasks");
    await expect(row(colleague, id)).toHaveAttribute("data-state", "action_required");
    await expect(colleague.locator("[data-chip=action_required] .num")).toHaveText("2");
    // watched from inside the page: the time of the change, not of our looking
    await colleague.evaluate((id) => {
      const line = document.querySelector(`li.tr[data-task="${id}"]`)!;
      new MutationObserver(() => { (window as any).changedAt ??= Date.now(); }).observe(line, { attributes: true, attributeFilter: ["data-state"] });
    }, id);

    const [answer] = await Promise.all([page.waitForResponse(/\/api\/desk\/restart$/), act(page)]);
    const answered = Date.now();
    expect(answer.status()).toBe(200);
    await expect(status(page)).toHaveText("Queued");
    await expect(page.locator("#detail .said")).toHaveText("Restarted.");
    await expect(row(page, id)).toHaveAttribute("data-state", "queued");
    await expect(row(colleague, id)).toHaveAttribute("data-state", "queued", { timeout: 10_000 });
    const changed = await colleague.evaluate(() => (window as any).changedAt as number);
    expect(changed - answered, "milliseconds until the colleague saw it").toBeLessThan(1_000);
    await expect(colleague.locator("[data-chip=action_required] .num")).toHaveText("1");
    await expect(row(colleague, beside)).toHaveAttribute("data-state", "action_required");

    // the connector takes it at its next visit, and both screens follow
    const task = await sandbox.claimOne();
    expect(task).toMatchObject({ id, attempt: 2 });
    await expect(row(colleague, id)).toHaveAttribute("data-state", "running", { timeout: 10_000 });
    await sandbox.report(task);
    await expect(row(colleague, id)).toHaveAttribute("data-state", "succeeded", { timeout: 10_000 });
    await expect(status(page)).toHaveText("Done");
    await context.close();
  });
}

test("[S2] nothing jumps under the cursor while others work, and new tasks wait behind a button", async ({ sandbox, page }) => {
  const codes = ["AAA", "BBB", "CCC", "DDD"];
  await sandbox.dossiers("adsolut", ...codes, "MORE");
  const ids: string[] = [];
  for (const code of codes) ids.push(await sandbox.fail({ kind: BOOK, dossier: code, subject: `${code}.pdf` }, CLOSED));
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  const focused = row(page, ids[2]!);
  await focused.locator("a").focus();
  const before = await focused.boundingBox();
  const order = () => page.locator("li.tr").evaluateAll((lines) => lines.map((l) => l.getAttribute("data-task")));
  const orderBefore = await order();

  // others restart and finish some of the tasks shown, and a lot arrives
  const other = await page.context().newPage();
  await sandbox.panel(other, ids[0]!, "failed,action_required");
  await other.locator("#detail").getByRole("button", { name: /^Restart task/ }).click();
  await expect(row(page, ids[0]!)).toHaveAttribute("data-state", "queued");
  await sandbox.report(await sandbox.claimOne());
  await expect(row(page, ids[0]!)).toHaveAttribute("data-state", "succeeded");
  await expect(row(page, ids[0]!)).toHaveClass(/gone/);
  for (let n = 0; n < 20; n++) {
    await sandbox.fail({ kind: BOOK, dossier: "MORE", subject: `M-${n}.pdf` }, failed("period_not_open", { period: "201803" }));
  }
  const button = page.getByRole("button", { name: "20 new Show" });
  await expect(button).toBeVisible();

  expect(await focused.boundingBox()).toEqual(before);
  expect(await order()).toEqual(orderBefore);
  await expect(focused.locator("a")).toBeFocused();

  await button.click();
  await expect(page.locator("li.tr")).toHaveCount(3 + 20);
  await expect(button).toHaveCount(0);
  await expect(row(page, ids[0]!)).toHaveCount(0);
});

test("[S2] the key . shows the new ones too", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  await expect(page.getByRole("heading", { name: "Nothing needs you" })).toBeVisible();
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  await expect(page.getByRole("button", { name: "1 new Show" })).toBeVisible();
  await page.keyboard.press(".");
  await expect(row(page, id)).toBeVisible();
  await expect(page.getByRole("button", { name: /new/ })).toHaveCount(0);
});

test("[M10] one instruction done for several tasks: all of the same cause are restarted together", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  const a = await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "1.pdf" }, CLOSED);
  const b = await sandbox.fail({ kind: BOOK, dossier: "BBB", subject: "2.pdf" }, CLOSED);
  const other = await sandbox.fail({ kind: BOOK, dossier: "CCC", subject: "3.pdf" }, failed("period_not_open", { period: "201803" }));
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, a, "failed,action_required");
  await expect(panel.getByRole("button", { name: /^Restart all 2/ })).toBeVisible();
  await page.keyboard.press("Shift+R");
  await expect(row(page, a)).toHaveAttribute("data-state", "queued");
  await expect(row(page, b)).toHaveAttribute("data-state", "queued");
  expect(await sandbox.status(other)).toBe("action_required");
});

test("[M10] a task that fails again in the same way says so", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id);
  await expect(panel.locator(".again")).toHaveCount(0);
  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Queued");
  await sandbox.report(await sandbox.claimOne(), CLOSED);
  await expect(status(page)).toHaveText("Action employee required");
  await expect(panel.locator(".again")).toHaveText("Still the same after the last restart. Check the steps once more.");
});

test("[M10] two people restart the same task: the second one's screen says that somebody was faster", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id);
  // the second click leaves before the first one's news arrives
  await page.route("**/api/desk/restart", async (route) => {
    await route.fetch();
    await route.continue();
  });
  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(panel.locator(".said")).toContainText("Somebody was faster");
  await expect(status(page)).toHaveText("Queued");
});

test("[S2] a page that loses the server says so, keeps its picture, and catches up by itself", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  const waiting = await sandbox.one({ kind: SYNC, dossier: "CASE" });
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks?status=action_required,queued");
  await expect(row(page, id)).toBeVisible();
  await sandbox.server.kill();
  await expect(page.getByTestId("live")).toContainText("Not live since");
  await expect(row(page, id)).toBeVisible();
  await sandbox.crash();
  await sandbox.report(await sandbox.claimOne());
  await expect(page.getByTestId("live")).toHaveText("Live");
  await expect(row(page, waiting)).toHaveAttribute("data-state", "succeeded");
});

test("[S2] what somebody types and chooses stays while others change tasks of the same dossier", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  const follower = await sandbox.one({ kind: SYNC, dossier: "CASE", after: id });
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id);
  const dialog = page.getByRole("dialog");
  const others = async () => {
    const read = page.waitForResponse("**/api/desk/task_detail");
    await sandbox.one({ kind: BOOK, dossier: "CASE", subject: `${Math.random()}.pdf` });
    await (await read).finished();
    // the panel is made anew in the next frames
    await page.waitForTimeout(300);
  };
  await panel.getByRole("button", { name: "Not now" }).click();
  await dialog.getByLabel("Reason").fill("The client is abroad");
  await dialog.getByLabel("For").selectOption("72");
  await others();
  await expect(dialog).toBeVisible();
  await expect(dialog.getByLabel("Reason")).toHaveValue("The client is abroad");
  await expect(dialog.getByLabel("For")).toHaveValue("72");
  const sent = page.waitForRequest("**/api/desk/snooze");
  await dialog.getByRole("button", { name: "Not now" }).click();
  expect((await sent).postDataJSON()).toMatchObject({ id, hours: 72, reason: "The client is abroad" });
  await expect(dialog).toBeHidden();
  await expect(panel.locator(".mark-line")).toContainText("The client is abroad");

  await panel.locator("button[aria-keyshortcuts=C]").click();
  await dialog.getByRole("radio", { name: "Cancel them too" }).check();
  await others();
  await expect(dialog.getByRole("radio", { name: "Cancel them too" })).toBeChecked();
  await dialog.getByTestId("confirm-cancel").click();
  await expect.poll(() => sandbox.status(follower)).toBe("cancelled");
});

test("[S2] a stream that is answered with an error is asked for again, and what could not be read is read then", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  await sandbox.signIn(page, "support");
  // as a proxy answers while the server behind it restarts
  let [down, asked] = [true, 0];
  await page.route("**/api/desk/live*", (route) => {
    asked++;
    return down ? route.fulfill({ status: 502, body: "bad gateway" }) : route.continue();
  });
  await page.route("**/api/desk/task_detail", (route) => route.abort(), { times: 1 });
  await page.goto(`${sandbox.server.url}/o/sandbox/tasks`);
  await expect(page.getByTestId("live")).toContainText("Not live since");
  await row(page, id).locator("a").click();
  await expect(page.locator("#detail").getByRole("alert")).toContainText("The connection dropped.");
  await expect.poll(() => asked, { timeout: 15_000 }).toBeGreaterThan(1);
  down = false;
  await expect(page.getByTestId("live")).toHaveText("Live", { timeout: 30_000 });
  await expect(page.locator("#detail").getByRole("button", { name: /^Restart task/ })).toBeVisible();
  const late = await sandbox.integration("cancel", { id, reason: "not needed" });
  expect(late.status, JSON.stringify(late.body)).toBe(200);
  await expect(row(page, id)).toHaveAttribute("data-state", "cancelled");
});

test("[M10] “Restart all” in the list restarts those that it shows, no others, and says what is refused", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  const shown = [
    await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "A-1.pdf" }, CLOSED),
    await sandbox.fail({ kind: BOOK, dossier: "BBB", subject: "A-1.pdf" }, CLOSED),
  ];
  const other = await sandbox.fail({ kind: BOOK, dossier: "CCC", subject: "Z-9.pdf" }, CLOSED);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks?q=A-1");
  await expect(page.locator("li.tr")).toHaveCount(2);
  const all = page.locator(".grp").getByRole("button", { name: "Restart all 2" });
  await page.route("**/api/desk/start_bulk", (route) => route.abort(), { times: 1 });
  await all.click();
  await expect(page.locator(".grp").getByRole("alert")).toContainText("The connection dropped.");
  await all.click();
  await expect(page.getByTestId("bulk")).toHaveAttribute("data-ended", "true");
  for (const id of shown) await expect(row(page, id)).toHaveAttribute("data-state", "queued");
  await expect(all).toHaveCount(0);
  expect(await sandbox.status(other)).toBe("action_required");
});

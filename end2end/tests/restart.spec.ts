/** Follow-up of tasks: what needs doing stands there, is done, and every other screen follows by itself. */
import { expect, type Locator, type Page } from "@playwright/test";
import { BOOK, SYNC, failed, row, status, test } from "./sandbox";

const CLOSED = failed("period_not_open", { period: "201802" });

const restart = (page: Page) => page.locator("#detail").getByRole("button", { name: /^Restart task/ });

test("[T13.1, T13.2] the list shows what failed and what needs action, and nothing else, until another status is chosen", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE", "RED", "CALM", "BUSY", "OFF");
  const running = await sandbox.one({ kind: SYNC, dossier: "BUSY" });
  expect((await sandbox.claimOne()).id).toBe(running);
  const cancelled = await sandbox.one({ kind: SYNC, dossier: "OFF" });
  expect((await sandbox.integration("cancel", { id: cancelled, reason: "not needed" })).status).toBe(200);
  const orange = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  const red = await sandbox.fail({ kind: BOOK, dossier: "RED", subject: "A-2.pdf" }, failed("database_error"));
  const queued = await sandbox.one({ kind: BOOK, dossier: "CALM", subject: "A-3.pdf" });
  await sandbox.signIn(page, "admin_sandbox");
  expect([await sandbox.status(running), await sandbox.status(cancelled)]).toEqual(["running", "cancelled"]);
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

test("left stands the status, right the instruction to carry out", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await row(page, id).locator("a").click();
  const panel = page.locator("#detail");
  await expect(panel.getByRole("heading", { level: 2 })).toHaveText("Open booking period 2018-02 · Adsolut");
  await expect(panel.locator(".todo ol > li")).toHaveCount(3);
  const [mark, name, detail] = [await row(page, id).locator(".mark").boundingBox(), await row(page, id).locator("a").boundingBox(), await panel.boundingBox()];
  expect(mark!.x + mark!.width).toBeLessThanOrEqual(name!.x);
  expect(name!.x).toBeLessThan(detail!.x);
});

/** The first click or key chooses the task, the second restarts it. */
for (const [how, choose, act] of [
  ["two clicks", async (page: Page, id: string) => row(page, id).locator("a").click(), async (page: Page) => restart(page).click()],
  ["J and R", async (page: Page) => page.keyboard.press("j"), async (page: Page) => page.keyboard.press("r")],
] as const) {
  test(`[M10.1] an employee restarts the task with the icon at its right: ${how}`, async ({ sandbox, page }) => {
    await sandbox.dossiers("adsolut", "CASE");
    await sandbox.manages("employee", "CASE");
    const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
    await sandbox.signIn(page, "employee_sandbox");
    await sandbox.open(page, "/o/sandbox/tasks");
    await choose(page, id);
    await expect(status(page)).toHaveText("Action employee required");
    // the icon is at the task's right
    await expect(restart(page).locator("svg")).toHaveCount(1);
    const [name, icon] = [await row(page, id).locator("a").boundingBox(), await restart(page).boundingBox()];
    expect(icon!.x).toBeGreaterThan(name!.x + name!.width);
    await act(page);
    await expect(status(page)).toHaveText("Queued");
    await expect(page.locator("#detail .said")).toHaveText("Restarted.");
    expect(await sandbox.claimOne()).toMatchObject({ id, attempt: 2 });
  });
}

test("[M10.2, S2.1] a restarted task's line changes at once, and within a second on a colleague's screen, without a reload", async ({ sandbox, page, browser }) => {
  await sandbox.dossiers("adsolut", "CASE", "NEXT");
  await sandbox.manages("employee", "CASE", "NEXT");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  const beside = await sandbox.fail({ kind: BOOK, dossier: "NEXT", subject: "B-1.pdf" }, CLOSED);
  await sandbox.signIn(page, "employee_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await row(page, id).locator("a").click();
  await expect(status(page)).toHaveText("Action employee required");

  const context = await browser.newContext();
  const colleague = await context.newPage();
  await sandbox.signIn(colleague, "admin_sandbox");
  await sandbox.open(colleague, "/o/sandbox/tasks");
  await expect(row(colleague, id)).toHaveAttribute("data-state", "action_required");
  await expect(colleague.locator("[data-chip=action_required] .num")).toHaveText("2");
  // watched from inside the pages: the time of the change, not of our looking
  for (const watching of [page, colleague]) {
    await watching.evaluate((id) => {
      const line = document.querySelector<HTMLElement>(`li.tr[data-task="${id}"]`)!;
      const seen: Record<string, number> = ((window as any).seen = {});
      new MutationObserver(() => { seen[line.dataset["state"]!] ??= Date.now(); }).observe(line, { attributes: true, attributeFilter: ["data-state"] });
    }, id);
  }
  const soon = async (state: string, since: number) => {
    for (const watching of [page, colleague]) {
      await expect(row(watching, id)).toHaveAttribute("data-state", state);
      const seen = await watching.evaluate((state) => (window as any).seen[state] as number, state);
      expect(seen - since, `milliseconds until ${watching === page ? "the person" : "the colleague"} saw ${state}`).toBeLessThan(1_000);
    }
  };

  const [answer] = await Promise.all([page.waitForResponse(/\/api\/desk\/restart$/), restart(page).click()]);
  const answered = Date.now();
  await expect(row(page, id)).toHaveAttribute("data-state", "queued");
  expect(answer.status()).toBe(200);
  await expect(status(page)).toHaveText("Queued");
  await expect(page.locator("#detail .said")).toHaveText("Restarted.");
  await soon("queued", answered);
  await expect(colleague.locator("[data-chip=action_required] .num")).toHaveText("1");
  await expect(row(colleague, beside)).toHaveAttribute("data-state", "action_required");

  // the connector takes it at its next visit, and both screens follow
  const task = await sandbox.claimOne();
  const claimed = Date.now();
  expect(task).toMatchObject({ id, attempt: 2 });
  await soon("running", claimed);
  await sandbox.report(task);
  await soon("succeeded", Date.now());
  await expect(status(page)).toHaveText("Done");
  await context.close();
});

for (const [what, choose, stays] of [
  ["focus", (line: Locator) => line.locator("a").focus(), (line: Locator) => expect(line.locator("a")).toBeFocused()],
  ["cursor", (line: Locator) => line.hover(), (line: Locator) => expect.poll(() => line.evaluate((e) => e.matches(":hover"))).toBe(true)],
  ["selection", (line: Locator) => line.getByRole("checkbox").click(), (line: Locator) => expect(line.getByRole("checkbox")).toBeChecked()],
] as const) test(`[S2.4] nothing jumps under the ${what} while others work, and new tasks wait behind a button`, async ({ sandbox, page }) => {
  const codes = ["AAA", "BBB", "CCC", "DDD"];
  await sandbox.dossiers("adsolut", ...codes, "MORE");
  const ids: string[] = [];
  for (const code of codes) ids.push(await sandbox.fail({ kind: BOOK, dossier: code, subject: `${code}.pdf` }, CLOSED));
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  const chosen = row(page, ids[2]!);
  await choose(chosen);
  await stays(chosen);
  const before = await chosen.boundingBox();
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

  expect(await chosen.boundingBox()).toEqual(before);
  expect(await order()).toEqual(orderBefore);
  await stays(chosen);

  await button.click();
  await expect(page.locator("li.tr")).toHaveCount(3 + 20);
  await expect(button).toHaveCount(0);
  await expect(row(page, ids[0]!)).toHaveCount(0);
});

test("[S2.4] the key . shows the new ones too", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await expect(page.getByRole("heading", { name: "Nothing needs you" })).toBeVisible();
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  await expect(page.getByRole("button", { name: "1 new Show" })).toBeVisible();
  await page.keyboard.press(".");
  await expect(row(page, id)).toBeVisible();
  await expect(page.getByRole("button", { name: /new/ })).toHaveCount(0);
});

test("one instruction done for several tasks: all of the same cause are restarted together", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  const a = await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "1.pdf" }, CLOSED);
  const b = await sandbox.fail({ kind: BOOK, dossier: "BBB", subject: "2.pdf" }, CLOSED);
  const other = await sandbox.fail({ kind: BOOK, dossier: "CCC", subject: "3.pdf" }, failed("period_not_open", { period: "201803" }));
  await sandbox.signIn(page, "admin_sandbox");
  const panel = await sandbox.panel(page, a, "failed,action_required");
  await expect(panel.getByRole("button", { name: /^Restart all 2/ })).toBeVisible();
  await page.keyboard.press("Shift+R");
  await expect(row(page, a)).toHaveAttribute("data-state", "queued");
  await expect(row(page, b)).toHaveAttribute("data-state", "queued");
  expect(await sandbox.status(other)).toBe("action_required");
});

test("[M10.3] a task that fails again in the same way says so", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  await sandbox.manages("employee", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  await sandbox.signIn(page, "employee_sandbox");
  const panel = await sandbox.panel(page, id);
  await expect(panel.locator(".again")).toHaveCount(0);
  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Queued");
  await sandbox.report(await sandbox.claimOne(), CLOSED);
  await expect(status(page)).toHaveText("Action employee required");
  await expect(panel.locator(".again")).toHaveText("Still the same after the last restart. Check the steps once more.");
});

test("[M10.3] two people restart the same task: the second one's screen says that somebody was faster", async ({ sandbox, page, browser }) => {
  await sandbox.dossiers("adsolut", "CASE");
  await sandbox.manages("employee", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  const context = await browser.newContext();
  const admin = await context.newPage();
  await sandbox.signIn(admin, "admin_sandbox");
  await sandbox.signIn(page, "employee_sandbox");
  const panel = await sandbox.panel(page, id);
  // the admin's arrives first, while the employee's click is under way
  await page.route("**/api/desk/restart", async (route) => {
    const first = await admin.request.post(`${sandbox.server.url}/api/desk/restart`, { data: { office: "sandbox", id } });
    expect(first.status()).toBe(200);
    await route.continue();
  });
  await restart(page).click();
  await expect(panel.locator(".said")).toContainText("Somebody was faster");
  await expect(status(page)).toHaveText("Queued");
  await context.close();
});

test("[S2.5] a page that loses the server says so, keeps its picture, and catches up by itself", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  const waiting = await sandbox.one({ kind: SYNC, dossier: "CASE" });
  await sandbox.signIn(page, "admin_sandbox");
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

test("[S2.4] what somebody types and chooses stays while others change tasks of the same dossier", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  const follower = await sandbox.one({ kind: SYNC, dossier: "CASE", after: id });
  await sandbox.signIn(page, "admin_sandbox");
  const panel = await sandbox.panel(page, id);
  const dialog = page.getByRole("dialog");
  /** Others deliver a task that waits for this one: the panel, made anew, says so. */
  let holds = 1;
  const others = async () => {
    await sandbox.one({ kind: SYNC, dossier: "CASE", after: id });
    await expect(panel.locator(".holds")).toHaveText(`Keeps ${++holds} later tasks of this dossier waiting, so that no follow-on errors arise.`);
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

test("[S2.5] a stream that is answered with an error is asked for again, and what could not be read is read then", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "A-1.pdf" }, CLOSED);
  await sandbox.signIn(page, "admin_sandbox");
  // as a proxy answers while the server behind it restarts; a stream that is shared is none of the page's own requests
  await page.addInitScript(() => Reflect.deleteProperty(window, "SharedWorker"));
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
  await expect.poll(() => asked).toBeGreaterThan(1);
  down = false;
  await expect(page.getByTestId("live")).toHaveText("Live", { timeout: 60_000 });
  await expect(page.locator("#detail").getByRole("button", { name: /^Restart task/ })).toBeVisible();
  const late = await sandbox.integration("cancel", { id, reason: "not needed" });
  expect(late.status, JSON.stringify(late.body)).toBe(200);
  await expect(row(page, id)).toHaveAttribute("data-state", "cancelled");
});

test("“Restart all” in the list restarts those that it shows, no others, and says what is refused", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  const shown = [
    await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "A-1.pdf" }, CLOSED),
    await sandbox.fail({ kind: BOOK, dossier: "BBB", subject: "A-1.pdf" }, CLOSED),
  ];
  const other = await sandbox.fail({ kind: BOOK, dossier: "CCC", subject: "Z-9.pdf" }, CLOSED);
  await sandbox.signIn(page, "admin_sandbox");
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

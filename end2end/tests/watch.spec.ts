/** The watch over the desk itself (M1), reminders and the bell (M13). */
import { expect, type Page } from "@playwright/test";
import { statfsSync } from "node:fs";
import { HOUR, MINUTE, test as rehearsed } from "./clock";
import { Post } from "./post";
import { axe, startServer } from "./support";
import { BOOK, Sandbox, alive, failed, row, test } from "./sandbox";

const CLOSED = failed("period_not_open", { period: "201802" });

test("[M1.1] a connector that falls silent is an alert, a card and a notice, and it is over when it calls again", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/settings");
  await page.getByLabel("Next visit, earliest (seconds)").fill("1");
  await page.getByLabel("Next visit, latest (seconds)").fill("2");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  await sandbox.open(page, "/o/sandbox/alerts");
  const standing = () => page.locator("[data-alert]").evaluateAll((all) => all.map((a) => a.textContent));
  await expect(page.getByTestId("calm").or(page.locator("[data-alert]")).first()).toBeVisible();
  expect(await standing()).toEqual([]);
  await expect(page.getByTestId("calm")).toContainText("All is well");
  await sandbox.hello();

  const alert = page.locator('[data-alert="silent_connector"]');
  await expect(alert.getByRole("heading")).toHaveText("Sandbox 1 does not call in");
  await expect(alert).toContainText("Check that its machine is on");
  await expect(page.getByTestId("calm")).toHaveCount(0);
  await axe(page);

  await page.reload();
  await alive(page);
  await expect(page.getByTestId("alerts-n").first()).toContainText("1");
  await page.getByTestId("bell").locator("summary").click();
  await page.locator('[data-notice="silent_connector"]').getByRole("link", { name: "Sandbox 1" }).click();
  await expect(page.getByTestId("silent").getByRole("heading")).toHaveText(/^Sandbox 1 has not called in for \d+ (s|min)$/);
  await page.getByTestId("silent").getByText("What to check").click();
  await expect(page.getByTestId("silent")).toContainText("Is the machine on");
  await axe(page);

  // it calls again, and again: it is alive as long as it does
  await sandbox.open(page, "/o/sandbox/alerts");
  await expect(async () => {
    await sandbox.claim();
    await expect(page.getByTestId("calm")).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.locator('[data-past="silent_connector"]').first()).toBeVisible();
});

rehearsed("[T17.2] a connector that misses its visits is called late and then silent, with since when and what to check", async ({ watch, page }) => {
  await watch.signIn(page, "admin_sandbox");
  await watch.open(page, "/o/sandbox/settings");
  await page.getByLabel("Next visit, earliest (seconds)").fill("600");
  await page.getByLabel("Next visit, latest (seconds)").fill("600");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  await watch.open(page, "/o/sandbox/connectors");
  await watch.hello();
  const heard = watch.clock.now();
  const line = page.locator('tr[data-connector="Sandbox 1"]'), liveness = line.getByTestId("liveness");
  await expect(liveness).toHaveText("Polling");

  await watch.clock.pass(16 * MINUTE);
  await expect(liveness).toHaveText("Late");
  await expect(line).toContainText("Missed 1 visit");
  await expect(line).toContainText("Wait a little. Look at its machine if it stays away.");
  await expect(line).toContainText(/\D1[67] min ago/);
  await expect(page.getByTestId("silent")).toHaveCount(0);

  await watch.clock.pass(16 * MINUTE);
  await expect(liveness).toHaveText("Silent");
  await expect(line).toContainText("Missed 3 visits");
  await expect(line).toContainText("Check that its machine is on and its program runs.");
  await expect(line).toContainText(/\D3[234] min ago/);
  expect(Math.abs(Date.parse((await line.locator("time").first().getAttribute("datetime"))!) - heard)).toBeLessThan(5_000);
  const card = page.getByTestId("silent");
  await expect(card.getByRole("heading")).toHaveText(/^Sandbox 1 has not called in for 3[234] min$/);
  await card.getByText("What to check").click();
  await expect(card.locator("li")).toHaveText([
    "Is the machine on that it runs on?",
    "Does its program still run there? If not, start it again: what it had under way is safe.",
    "Does that machine reach this server? Open the address of this page there.",
    "Is its token still valid? If in doubt, enrol it anew.",
  ]);
  await watch.claim();
  await expect(liveness).toHaveText("Polling");
  await expect(card).toHaveCount(0);
});

test("[M1.3] a disk that fills is an alert with the MiB left and what to do", async ({ page }) => {
  const server = await startServer({ demo: true, diskAlert: 1_000_000_000 });
  const full = new Sandbox(server);
  await full.signIn(page, "admin");
  await full.open(page, "/o/gent/alerts");
  const alert = page.locator('[data-alert="disk"]');
  await expect(alert.getByRole("heading")).toHaveText("The disk of the data folder fills");
  const { bavail, bsize } = statfsSync(server.dir);
  const left = bavail * bsize / 2 ** 20;
  const said = Number(/(?:^|\s)(\d+) MiB are left/.exec(await alert.innerText())![1]);
  expect(said).toBeGreaterThan(0);
  expect(Math.abs(said - left)).toBeLessThan(left * 0.02 + 256);
  await expect(page.getByTestId("alerts-n").first()).toContainText(/\d/);
  await axe(page);
  await server.stop();
});

test("a computer whose clock is off is told so", async ({ sandbox, page }) => {
  await page.addInitScript(() => {
    const right = Date.now;
    Date.now = () => right() + 3 * 3_600_000;
  });
  await sandbox.signIn(page, "admin");
  await sandbox.open(page, "/o/gent/alerts");
  await expect(page.getByTestId("own-clock")).toContainText(/differs from the server’s by (2|3) h/);
});

rehearsed("[M13.1, M13.2, M13.3] a waiting instruction ages, reminds the dossier's manager once and tells the admin after the later limit; one that is put off reminds nobody until then", async ({ watch, page, browser }) => {
  rehearsed.slow();
  const EMPLOYEE = "els@sandbox.example", ADMIN = "ada@sandbox.example", SUPPORT = "support@nachtwacht.example";
  const post = await Post.open();
  const admin = await watch.person(await browser.newContext(), "admin_sandbox");
  await watch.open(admin, "/o/sandbox/settings");
  await admin.getByLabel("Remind the dossier’s managers after (hours)").fill("5");
  await admin.getByLabel("Tell the office’s admins after (hours)").fill("9");
  await admin.getByRole("button", { name: "Save settings" }).click();
  await expect(admin.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  const settings = { host: "127.0.0.1", port: post.port, security: "none", username: "", password: null, sender: "desk@sandbox.example", address: watch.server.url };
  expect((await watch.call(admin, "save_mail", { office: "sandbox", settings })).status).toBe(200);

  await watch.dossiers("adsolut", "AAA", "BBB", "CCC");
  await watch.manages("employee", "AAA", "BBB", "CCC");
  const began = watch.clock.now();
  const waits = await watch.fail({ kind: BOOK, dossier: "AAA", subject: "A-1.pdf" }, CLOSED);
  const off = await watch.fail({ kind: BOOK, dossier: "BBB", subject: "B-1.pdf" }, CLOSED);
  await watch.signIn(page, "employee_sandbox");
  const panel = await watch.panel(page, off, "failed,action_required");
  await panel.getByRole("button", { name: "Not now" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("The client sends the statement tomorrow.");
  await dialog.getByLabel("For").selectOption({ label: "A day" });
  await dialog.getByRole("button", { name: "Not now" }).click();
  await expect(panel.locator(".mark-line")).toContainText("by Els Boek: The client sends the statement tomorrow.");

  /** So many hours after the first of them stopped. A desk that starts looks at once, not after its minute. */
  const hours = async (n: number) => {
    await watch.clock.set(began + n * HOUR);
    await watch.crash();
    await watch.hello();
  };
  const mails = (to: string, subject: RegExp) => post.of(to).filter((m) => subject.test(m.subject));
  const about = (to: string, subject: RegExp, task: string) => mails(to, subject).filter((m) => m.text.includes(`${watch.server.url}/o/sandbox/tasks/${task}`)).length;
  const STILL = /^\d+ tasks? still waits? for you$/, PASSED = /managers? ha(s|ve) not acted$/;
  const bell = async (who: Page, kind: string) => {
    await watch.open(who, "/o/sandbox/tasks");
    await who.getByTestId("bell").locator("summary").click();
    return who.locator(`[data-notice="${kind}"]`);
  };

  // before the first limit nothing is said; what came meanwhile tells that the desk has looked
  await hours(4);
  const later = await watch.fail({ kind: BOOK, dossier: "CCC", subject: "C-1.pdf" }, CLOSED);
  await watch.clock.set(watch.clock.now() + 2 * MINUTE);
  await expect.poll(() => about(EMPLOYEE, /needs? your action$/, later), { timeout: 60_000 }).toBe(1);
  expect(mails(EMPLOYEE, STILL)).toEqual([]);
  await watch.open(page, "/o/sandbox/tasks");
  await expect(row(page, waits)).toBeVisible();
  await expect(page.locator("li.tr time.aged")).toHaveCount(0);
  // what was put off stands last
  expect(await page.locator("li.tr").evaluateAll((all) => all.map((l) => (l as HTMLElement).dataset.task))).toEqual([waits, later, off]);

  // after it the manager is, once: by mail with a link, and by the bell, which leads there by keyboard
  await hours(6);
  await expect.poll(() => about(EMPLOYEE, STILL, waits), { timeout: 60_000 }).toBe(1);
  expect(mails(EMPLOYEE, STILL)[0]!.subject).toBe("1 task still waits for you");
  await watch.open(page, "/o/sandbox/tasks");
  await expect(row(page, waits).locator("time.aged")).toContainText("Waits long");
  await expect(page.locator("li.tr time.aged")).toHaveCount(1);
  const own = page.getByTestId("bell");
  await expect(own.locator(".bell-n .vh")).toHaveText("1 unread");
  await own.locator("summary").focus();
  await page.keyboard.press("Enter");
  await expect(own.locator('[data-notice="reminder"]')).toContainText("Waits for you");
  await axe(page);
  await page.keyboard.press("Escape");
  await expect(own.locator('[data-notice="reminder"]')).toBeHidden();
  await expect(own.locator("summary")).toBeFocused();
  await page.keyboard.press("Enter");
  await own.getByRole("link").first().focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/o/sandbox/tasks/${waits}$`));
  await expect(own.locator(".bell-n")).toHaveCount(0);
  await watch.open(admin, "/o/sandbox/tasks");
  await admin.getByTestId("bell").locator("summary").click();
  await expect(admin.getByTestId("bell")).toContainText("Nothing waits for you here.");

  // after the second the admin is; the manager hears of the next one only
  await hours(10);
  await expect.poll(() => about(ADMIN, PASSED, waits), { timeout: 60_000 }).toBe(1);
  await expect.poll(() => about(EMPLOYEE, STILL, later), { timeout: 60_000 }).toBe(1);
  expect(about(EMPLOYEE, STILL, waits)).toBe(1);
  await expect(await bell(admin, "escalated")).toContainText("Has waited too long");
  await admin.getByRole("button", { name: "Mark all as read" }).click();
  await expect(admin.getByTestId("bell").locator(".bell-n")).toHaveCount(0);
  expect(about(EMPLOYEE, STILL, off) + about(ADMIN, PASSED, off), "it is put off").toBe(0);

  // the day is over: now it reminds, too
  await hours(25);
  await expect.poll(() => about(EMPLOYEE, STILL, off), { timeout: 60_000 }).toBe(1);
  await expect.poll(() => about(ADMIN, PASSED, off), { timeout: 60_000 }).toBe(1);
  expect(about(ADMIN, PASSED, waits)).toBe(1);

  // Support has heard nothing of any of them
  const support = await watch.person(await browser.newContext(), "support");
  await watch.open(support, "/o/sandbox/tasks");
  await support.getByTestId("bell").locator("summary").click();
  await expect(support.locator(".told")).toBeVisible();
  for (const kind of ["reminder", "escalated"]) await expect(support.locator(`[data-notice="${kind}"]`)).toHaveCount(0);
  expect(post.of(SUPPORT)).toEqual([]);
  await post.close();
});

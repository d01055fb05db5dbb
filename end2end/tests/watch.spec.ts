/** The watch over the desk itself (M1), reminders and the bell (M13). */
import { expect, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { axe, startServer } from "./support";
import { alive, Sandbox, test } from "./sandbox";

/** Changes a stopped server's data: time that passed, or a setting that has a screen of its own elsewhere. */
async function change(sandbox: Sandbox, sql: string): Promise<void> {
  await sandbox.server.kill();
  const run = "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.executescript(sys.argv[2]); d.commit()";
  execFileSync("python3", ["-c", run, join(sandbox.server.dir, "nachtwacht.db"), sql]);
  sandbox.server = await startServer({ demo: true, dir: sandbox.server.dir, port: sandbox.server.port });
}

async function unread(page: Page): Promise<string> {
  return (await page.getByTestId("bell").locator(".bell-n .vh").textContent()) ?? "";
}

test("[M1] a connector that falls silent is an alert, a card and a notice, and it is over when it calls again", async ({ sandbox, page }) => {
  await change(sandbox, "UPDATE office SET poll_from = 1, poll_to = 2 WHERE code = 'sandbox'");
  await sandbox.signIn(page, "support");
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
    await expect(page.getByTestId("calm")).toBeVisible({ timeout: 900 });
  }).toPass({ timeout: 40_000 });
  await expect(page.locator('[data-past="silent_connector"]').first()).toBeVisible();
});

test("[M1] a disk that fills is an alert with what to do", async ({ page }) => {
  const server = await startServer({ demo: true, diskAlert: 1_000_000_000 });
  const full = new Sandbox(server);
  await full.signIn(page, "admin");
  await full.open(page, "/o/gent/alerts");
  const alert = page.locator('[data-alert="disk"]');
  await expect(alert.getByRole("heading")).toHaveText("The disk of the data folder fills");
  await expect(alert).toContainText(/\d+ MiB are left/);
  await expect(page.getByTestId("alerts-n").first()).toContainText(/\d/);
  await axe(page);
  await server.stop();
});

test("[M1] a computer whose clock is off is told so", async ({ sandbox, page }) => {
  await page.addInitScript(() => {
    const right = Date.now;
    Date.now = () => right() + 3 * 3_600_000;
  });
  await sandbox.signIn(page, "admin");
  await sandbox.open(page, "/o/gent/alerts");
  await expect(page.getByTestId("own-clock")).toContainText(/differs from the server’s by (2|3) h/);
});

test("[M13] waiting instructions age, remind the dossier's manager once, and the bell leads there by keyboard", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "employee");
  await sandbox.open(page, "/o/gent/tasks");
  const first = page.locator('li.tr[data-state="action_required"]').first();
  await expect(first).toBeVisible();
  await expect(page.locator("li.tr time.aged")).toHaveCount(0);
  const id = await first.getAttribute("data-task");
  // The admin shall have no dossier of her own here. Only now: a server that goes down while the demo's connectors
  // work on the first tasks keeps those for the length of a lease.
  await change(sandbox, `DELETE FROM dossier_manager WHERE person = (SELECT id FROM person WHERE role = 'admin');
    UPDATE task SET changed_at = changed_at - 30 * 3600000 WHERE id = ${id}`);

  await sandbox.open(page, `/o/gent/tasks`);
  const row = page.locator(`li.tr[data-task="${id}"]`);
  await expect(row.locator("time.aged")).toContainText("Waits long");
  // the first round of the watch may still be under way
  await expect(async () => {
    await page.reload();
    await alive(page);
    expect(await unread(page)).toBe("1 unread");
  }).toPass();
  const bell = page.getByTestId("bell");
  await bell.locator("summary").focus();
  await page.keyboard.press("Enter");
  await expect(bell.locator('[data-notice="reminder"]')).toContainText("Waits for you");
  await axe(page);
  await page.keyboard.press("Escape");
  await expect(bell.locator('[data-notice="reminder"]')).toBeHidden();
  await expect(bell.locator("summary")).toBeFocused();
  await page.keyboard.press("Enter");
  await bell.getByRole("link").first().focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/o/gent/tasks/${id}$`));
  await expect(page.getByTestId("bell").locator(".bell-n")).toHaveCount(0);

  // the admins come later, Support not at all
  const context = await browser.newContext();
  const admin = await context.newPage();
  await sandbox.signIn(admin, "admin");
  await sandbox.open(admin, "/o/gent/tasks");
  await admin.getByTestId("bell").locator("summary").click();
  await expect(admin.getByTestId("bell")).toContainText("Nothing waits for you here.");
  await change(sandbox, `UPDATE task SET changed_at = changed_at - 50 * 3600000 WHERE id = ${id}`);
  await expect(async () => {
    await admin.goto(`${sandbox.server.url}/o/gent/tasks`);
    await alive(admin);
    await admin.getByTestId("bell").locator("summary").click();
    await expect(admin.locator('[data-notice="escalated"]')).toContainText("Has waited too long", { timeout: 3_000 });
  }).toPass();
  await admin.getByRole("button", { name: "Mark all as read" }).click();
  await expect(admin.getByTestId("bell").locator(".bell-n")).toHaveCount(0);
  await context.close();
});

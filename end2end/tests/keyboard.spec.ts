/** Doing what an instruction asks, without a mouse, and with few clicks. */
import { expect, type Page } from "@playwright/test";
import { axe } from "./support";
import { ACTIVATE, BOOK, alive, failed, row, status, test, type Sandbox } from "./sandbox";

const CLOSED = failed("period_not_open", { period: "201802" });

async function three(sandbox: Sandbox): Promise<string[]> {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  const ids: string[] = [];
  for (const dossier of ["AAA", "BBB", "CCC"]) ids.push(await sandbox.fail({ kind: BOOK, dossier, subject: `${dossier}.pdf` }, CLOSED));
  return ids;
}

test("[M10] orange, instruction, restart: with J and R alone", async ({ sandbox, page }) => {
  const ids = await three(sandbox);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.keyboard.press("j");
  await expect(row(page, ids[0]!)).toHaveClass(/sel/);
  await page.keyboard.press("j");
  await expect(row(page, ids[1]!)).toHaveClass(/sel/);
  await expect(page).toHaveURL(new RegExp(`task=${ids[1]}`));
  await page.keyboard.press("k");
  await expect(row(page, ids[0]!)).toHaveClass(/sel/);
  await expect(page.locator("#detail h2").first()).toHaveText("Open booking period 2018-02 · Adsolut");
  await expect(status(page)).toHaveText("Action employee required");
  await page.keyboard.press("r");
  await expect(status(page)).toHaveText("Queued");
  expect(await sandbox.status(ids[0]!)).toBe("queued");
  expect(await sandbox.status(ids[1]!)).toBe("action_required");
});

test("[M10] with Tab and Enter alone: skip link, line, restart", async ({ sandbox, page }) => {
  const ids = await three(sandbox);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.locator("#main")).toBeFocused();
  await tabTo(page, `li.tr[data-task="${ids[0]}"] a`);
  await page.keyboard.press("Enter");
  await expect(status(page)).toHaveText("Action employee required");
  await tabTo(page, "button[aria-keyshortcuts=R]");
  await page.keyboard.press("Enter");
  await expect(status(page)).toHaveText("Queued");
});

/** Tabs on until what `selector` names has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let n = 0; n < 40; n++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} cannot be reached with Tab`);
}

test("[M10] with the mouse: two clicks", async ({ sandbox, page }) => {
  const ids = await three(sandbox);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.evaluate(() => addEventListener("click", () => ((window as any).clicks = ((window as any).clicks ?? 0) + 1), true));
  await row(page, ids[0]!).locator("a").click();
  await page.locator("#detail").getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Queued");
  expect(await page.evaluate(() => (window as any).clicks)).toBe(2);
});

test("[M10] keys are letters again inside a field", async ({ sandbox, page }) => {
  const ids = await three(sandbox);
  await sandbox.signIn(page, "support");
  await sandbox.panel(page, ids[0]!, "failed,action_required");
  await page.getByRole("searchbox").focus();
  await page.keyboard.type("rjc");
  await expect(page.getByRole("searchbox")).toHaveValue("rjc");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(await sandbox.status(ids[0]!)).toBe("action_required");
  // a box to tick is no field: the list goes on being walked
  await sandbox.open(page, "/o/sandbox/tasks");
  await row(page, ids[1]!).getByRole("checkbox").click();
  await page.keyboard.press("j");
  await expect(page).toHaveURL(/task=/);
});

test("[T10] the cancel dialog: opened with C, keeps the focus inside, Esc closes it and gives the focus back", async ({ sandbox, page }) => {
  await sandbox.hello();
  const id = await sandbox.fail(
    { kind: ACTIVATE, dossier: "AAA", payload: { name: "Client AAA", package: "exact_online" } },
    failed("dossier_access_missing", { connector_user: "connector@halden-vos.example" }),
  );
  await sandbox.one({ kind: BOOK, dossier: "AAA" });
  await sandbox.signIn(page, "support");
  await sandbox.panel(page, id);
  const opener = page.locator("button[aria-keyshortcuts=C]");
  await opener.focus();
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  await axe(page);
  const inside = () => page.evaluate(() => document.activeElement === document.body || !!document.activeElement?.closest("dialog"));
  const reached = new Set<string>();
  for (let n = 0; n < 10; n++) {
    await page.keyboard.press("Tab");
    expect(await inside()).toBe(true);
    reached.add(await page.evaluate(() => document.activeElement?.textContent ?? ""));
  }
  expect([...reached]).toEqual(expect.arrayContaining(["Keep it", "Cancel activation"]));
  // letters do nothing behind it
  await page.keyboard.press("r");
  expect(await sandbox.status(id)).toBe("action_required");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
  expect(await sandbox.status(id)).toBe("action_required");
});

test("[M10] on a phone: the line leads to the instruction, the arrow back to the list", async ({ sandbox, page }) => {
  const ids = await three(sandbox);
  await page.setViewportSize({ width: 390, height: 844 });
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  await row(page, ids[1]!).locator("a").click();
  const restart = page.locator("#detail").getByRole("button", { name: /^Restart task/ });
  await expect(restart).toBeVisible();
  expect((await restart.boundingBox())!.height).toBeGreaterThanOrEqual(40);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide, "nothing to scroll sideways").toBeLessThanOrEqual(390);
  await restart.click();
  await expect(status(page)).toHaveText("Queued");
  await page.getByRole("link", { name: "Back to the list" }).click();
  await expect(row(page, ids[2]!)).toBeVisible();
  await alive(page);
});

test("[S4] on a phone, what is folded out is folded in again on the next page", async ({ sandbox, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  const more = page.locator(".tabbar .rest");
  await more.locator("summary").click();
  await more.getByRole("link", { name: "Your profile" }).click();
  await expect(page).toHaveURL(/\/profile$/);
  await expect(more).not.toHaveAttribute("open");
});

test("[S4] between phone and desk the sidebar is narrow, and nothing in it is cut off or without a name", async ({ sandbox, page }) => {
  await page.setViewportSize({ width: 1000, height: 800 });
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  const side = page.locator(".side");
  expect(await side.evaluate((s) => s.scrollWidth - s.clientWidth)).toBeLessThanOrEqual(0);
  const edge = await side.evaluate((s) => s.getBoundingClientRect().right);
  for (const one of await side.locator("a:visible, button:visible, summary:visible, select:visible").all()) {
    const box = (await one.boundingBox())!;
    expect(box.x + box.width, await one.innerHTML()).toBeLessThanOrEqual(edge);
  }
  await expect(side.getByRole("button", { name: "Sign out" })).toBeVisible();
  await expect(side.locator("#find")).toHaveAccessibleName("Search or jump to");
  await axe(page);
});

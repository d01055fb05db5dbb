/** Doing what an instruction asks, without a mouse, and with few clicks. */
import { expect, type Locator, type Page } from "@playwright/test";
import { axe } from "./support";
import { ACTIVATE, BOOK, alive, failed, row, status, test, type Sandbox } from "./sandbox";
import { DAY, HOUR, after, instant, local, test as clockTest } from "./clock";
import { companies, form, line, setUp } from "./jobs";

const CLOSED = failed("period_not_open", { period: "201802" });

async function three(sandbox: Sandbox): Promise<string[]> {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  const ids: string[] = [];
  for (const dossier of ["AAA", "BBB", "CCC"]) ids.push(await sandbox.fail({ kind: BOOK, dossier, subject: `${dossier}.pdf` }, CLOSED));
  return ids;
}

/** What has the focus, as a person would tell it from others; nothing when the page has lost it. */
const focused = (page: Page) => page.evaluate(() => {
  const e = document.activeElement;
  return !e || e === document.body ? "" : `${e.tagName} ${e.id} ${e.getAttribute("aria-label") ?? e.textContent?.trim().slice(0, 60)}`;
});

/** The focus is somewhere, and stays so when the page has settled. */
async function keepsFocus(page: Page, after: string): Promise<void> {
  await expect.poll(() => focused(page), { message: `the focus after ${after}` }).not.toBe("");
}

/** Tabs on until this has the focus. */
async function tabTo(page: Page, to: Locator): Promise<void> {
  await expect(to).toBeVisible();
  await expect(to).toBeEnabled();
  for (let n = 0; n < 120; n++) {
    if (await to.evaluate((e) => e === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${to} cannot be reached with Tab`);
}

/** Goes there with Tab and presses Enter. */
async function enter(page: Page, to: Locator): Promise<void> {
  await tabTo(page, to);
  await page.keyboard.press("Enter");
}

test("[S4.3] Follow-up by keyboard alone, with Tab and Enter: skip link, line, restart, and back to the line", async ({ sandbox, page }) => {
  const ids = await three(sandbox);
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.locator("#main")).toBeFocused();
  const link = row(page, ids[0]!).locator("a.ty");
  await enter(page, link);
  await expect(status(page)).toHaveText("Action employee required");
  const heading = page.locator("#detail h2").first();
  await expect(heading).toBeFocused();
  await enter(page, page.locator("#detail button[aria-keyshortcuts=R]"));
  await expect(status(page)).toHaveText("Queued");
  // the button is gone, the focus is not
  await expect(heading).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page).not.toHaveURL(/task=/);
  await expect(link).toBeFocused();
  expect(await sandbox.status(ids[0]!)).toBe("queued");
});

test("[S4.3] Follow-up by keyboard alone, with J, K and R", async ({ sandbox, page }) => {
  const ids = await three(sandbox);
  await sandbox.signIn(page, "admin_sandbox");
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

clockTest("[S4.3] the bell by keyboard alone: it opens, leads to a task, marks as read, closes, and has the focus again", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "AAA");
  const codes = ["BBB", "CCC"];
  await watch.dossiers("adsolut", ...codes);
  const ids: string[] = [];
  for (const dossier of codes) ids.push(await watch.fail({ kind: BOOK, dossier }, CLOSED));
  await watch.signIn(page, "admin_sandbox");
  // nobody has done anything about them: the admin is told
  await watch.clock.set(watch.clock.now() + 4 * DAY + HOUR);
  await watch.crash();
  await watch.open(page, "/o/sandbox/clients");
  const bell = page.getByTestId("bell").locator("summary");
  const told = page.locator("[data-notice=escalated]");
  const unread = page.getByTestId("bell").locator(".bell-n .vh");
  await expect(unread).toHaveText(/^\d+ unread$/);
  await enter(page, bell);
  await expect(told).toContainText("Has waited too long");
  await expect(told.locator("li.unread")).toHaveCount(2);
  await page.keyboard.press("Escape");
  await expect(told).toBeHidden();
  await expect(bell).toBeFocused();
  // to a task, and what was seen is read
  await page.keyboard.press("Enter");
  await enter(page, told.getByRole("link").first());
  await expect(page).toHaveURL(/\/o\/sandbox\/tasks\/\d+$/);
  await alive(page);
  await keepsFocus(page, "following a link of the bell");
  await enter(page, bell);
  await expect(told.locator("li.unread")).toHaveCount(1);
  await enter(page, page.getByRole("button", { name: "Mark all as read" }));
  await expect(unread).toHaveCount(0);
  await keepsFocus(page, "marking all as read");
  await page.keyboard.press("Escape");
  await expect(told).toBeHidden();
  await expect(bell).toBeFocused();
});

test("[S4.3] the day plan by keyboard alone: a run is moved, and moved back", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "2");
  await sandbox.signIn(page, "operator_sandbox");
  await setUp(sandbox, page, form("nets_integration", "1", "06:00", { estimate_minutes: 14 }));
  const two = await setUp(sandbox, page, form("nets_integration", "2", "06:30"));
  const day = after(local(Date.now()).day, 1);
  await sandbox.open(page, `/o/sandbox/jobs?day=${day}&zoom=06:00-07:00`);
  const bar = page.locator(`g[data-run="${two}"]`);
  await tabTo(page, bar);
  await page.keyboard.press("Shift+ArrowLeft");
  for (let n = 0; n < 2; n++) await page.keyboard.press("ArrowLeft");
  await expect(bar).toHaveAttribute("aria-valuetext", /^06:23/);
  await expect(bar).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("plan-said")).toHaveText("1 job moved.");
  await expect(page.locator("#plan-undo")).toBeFocused();
  await expect(bar).toHaveAttribute("aria-valuetext", /^06:23/);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("plan-said")).toContainText("Undone");
  await expect(bar).toHaveAttribute("aria-valuetext", /^06:30/);
  await keepsFocus(page, "undoing");
});

test("[S4.3] an entry is switched on and off by keyboard alone", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  await sandbox.open(page, "/o/sandbox/collection");
  await tabTo(page, page.getByLabel("Collection system", { exact: true }));
  await page.keyboard.type("Nets-BASIS");
  await expect(page.getByLabel("Collection system", { exact: true }).locator("option:checked")).toHaveText("Nets-BASIS");
  await tabTo(page, page.getByLabel("Company", { exact: true }));
  await page.keyboard.type("1");
  await expect(page.getByLabel("Company", { exact: true })).toHaveValue("1");
  await enter(page, page.getByRole("button", { name: "Add" }));
  await expect(page.getByRole("heading", { name: "Nets-BASIS" })).toBeVisible();
  await keepsFocus(page, "adding a system");
  for (const name of ["Active", "Direct communication"]) {
    const box = page.getByRole("main").getByRole("switch", { name });
    await tabTo(page, box);
    await page.keyboard.press("Space");
    await expect(box).toBeChecked();
    await expect(box).toBeFocused();
  }
  await enter(page, page.getByTestId("make-entries"));
  await expect(page.locator("tr[data-entry]")).toHaveCount(6);
  await keepsFocus(page, "making the entries");
  const entry = page.locator('tr[data-entry="ccm_send_agreements"]').getByRole("switch");
  for (const on of [true, false]) {
    await tabTo(page, entry);
    await page.keyboard.press("Space");
    await expect(entry).toHaveAttribute("aria-checked", String(on));
    await expect(entry).toBeFocused();
  }
});

clockTest("[S4.3] a job is replaced by keyboard alone", async ({ watch: sandbox, page }) => {
  await sandbox.clock.set(instant(after(local(sandbox.clock.now()).day, 1), "12:05"));
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  const old = await setUp(sandbox, page, form("nets_integration", "1", "07:30"));
  await sandbox.open(page, "/o/sandbox/procedures");
  await tabTo(page, page.getByLabel("Job number or description"));
  await page.keyboard.type(String(old));
  await enter(page, page.locator("section", { hasText: "Replace one job" }).getByRole("button", { name: "Begin" }));
  await expect(page.getByRole("heading", { name: /^Replace / })).toBeVisible();
  await keepsFocus(page, "beginning");
  const column = (step: string) => page.locator(`[data-column="${step}"] [data-card]`);
  for (const [button, step] of [["create", "created"], ["check", "checked"]] as const) {
    await enter(page, page.getByTestId(button));
    await expect(column(step)).toHaveCount(1);
    await keepsFocus(page, button);
  }
  // what cannot be taken back is asked, and not done when it is not confirmed
  await enter(page, page.getByTestId("delete"));
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByTestId("delete")).toBeFocused();
  await page.keyboard.press("Enter");
  await enter(page, page.getByTestId("delete-confirm"));
  await expect(column("deleted")).toHaveCount(1);
  await keepsFocus(page, "deleting");
});

test("[S4.3] a new job is set up by keyboard alone, past a field that was forgotten", async ({ sandbox, page }) => {
  await companies(sandbox, "8");
  await sandbox.signIn(page, "operator_sandbox");
  await sandbox.open(page, "/o/sandbox/jobs");
  await enter(page, page.getByRole("link", { name: "New job" }));
  await expect(page.getByLabel("Kind of job")).toHaveCount(1);
  await tabTo(page, page.getByLabel("Kind of job"));
  await page.keyboard.type("AutoPay");
  await expect(page.getByLabel("Kind of job").locator("option:checked")).toHaveText("AutoPay remittance");
  const company = page.getByLabel("Company", { exact: true });
  await expect(company).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "OK", exact: true }));
  await page.keyboard.press("Enter");
  // the focus comes to what was forgotten
  await expect(company).toBeFocused();
  await page.keyboard.type("8");
  await expect(company).toHaveValue("8");
  await expect(page.getByLabel("Description")).toHaveValue("Autopay_all_valuta_selskap 8");
  await enter(page, page.getByRole("button", { name: "OK", exact: true }));
  await expect(page).toHaveURL(/\/jobs$/);
  const last = page.locator("tr[data-job]").last();
  await expect(last).toContainText("Autopay_all_valuta_selskap 8");
  await keepsFocus(page, "setting up");
  await enter(page, line(page, Number(await last.getAttribute("data-job"))).getByRole("link", { name: /^Open/ }));
  await expect(page.getByTestId("verbs")).toBeVisible();
});

test("with the mouse: two clicks", async ({ sandbox, page }) => {
  const ids = await three(sandbox);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.evaluate(() => addEventListener("click", () => ((window as any).clicks = ((window as any).clicks ?? 0) + 1), true));
  await row(page, ids[0]!).locator("a").click();
  await page.locator("#detail").getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Queued");
  expect(await page.evaluate(() => (window as any).clicks)).toBe(2);
});

test("keys are letters again inside a field", async ({ sandbox, page }) => {
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

test("the cancel dialog: opened with C, keeps the focus inside, Esc closes it and gives the focus back", async ({ sandbox, page }) => {
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

test("on a phone: the line leads to the instruction, the arrow back to the list", async ({ sandbox, page }) => {
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

test("on a phone, what is folded out is folded in again on the next page", async ({ sandbox, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  const more = page.locator(".tabbar .rest");
  await more.locator("summary").click();
  await more.getByRole("link", { name: "Your profile" }).click();
  await expect(page).toHaveURL(/\/profile$/);
  await expect(more).not.toHaveAttribute("open");
});

test("between phone and desk the sidebar is narrow, and nothing in it is cut off or without a name", async ({ sandbox, page }) => {
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

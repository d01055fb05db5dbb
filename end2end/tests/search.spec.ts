/** Finding anything by name from everywhere, and the keys that work on every page. */
import { expect, type Page } from "@playwright/test";
import { after, instant, local, test as rehearsed } from "./clock";
import { companies, form, setUp } from "./jobs";
import { axe, watchErrors } from "./support";
import { BOOK, alive, failed, settled, status, test, type Sandbox } from "./sandbox";

const palette = (page: Page) => page.locator("dialog.palette");
const field = (page: Page) => palette(page).getByRole("combobox");
const lines = (page: Page) => palette(page).getByRole("option");

/** Opens the search and types. */
async function find(page: Page, text: string): Promise<void> {
  if (!(await palette(page).isVisible())) await page.keyboard.press("Control+k");
  await field(page).fill(text);
  await expect(palette(page).locator("#found")).toHaveAttribute("aria-busy", "false");
}

/** A task whose words are in the index by now. */
async function indexed(sandbox: Sandbox, page: Page, subject: string): Promise<string> {
  await sandbox.dossiers("adsolut", "BAKSM2", "WOUT2");
  const id = await sandbox.fail({ kind: BOOK, dossier: "BAKSM2", subject }, failed("period_not_open", { period: "201802" }));
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  // words are learned a moment after the task is there
  await expect.poll(async () => {
    const answer = await page.request.post(`${sandbox.server.url}/api/desk/search`, { data: { office: "sandbox", text: subject.split(" ")[1] } });
    return (await answer.json()).hits.length;
  }).toBeGreaterThan(0);
  return id;
}

test("[C8.3] Ctrl K finds tasks by word, number and key, dossiers by code and name, connectors, causes, instructions and pages", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  const id = await indexed(sandbox, page, "Factuur Zomerlünch 2026");
  for (const text of ["zomerlu", "ZOMERLUNCH factuur", id, `#${id}`]) {
    await find(page, text);
    await expect(lines(page).filter({ hasText: "Factuur Zomerlünch 2026" })).toContainText("Action required");
  }
  await find(page, "baksm2");
  await expect(lines(page).first()).toContainText("Client BAKSM2");
  await find(page, "client wout");
  await expect(lines(page)).toHaveCount(1);
  await expect(lines(page)).toContainText("WOUT2 · Adsolut");
  await find(page, "sandbox 1");
  await expect(palette(page).getByRole("group", { name: "Connectors" })).toContainText("Sandbox 1");
  await find(page, "period_not");
  await expect(palette(page).getByRole("group", { name: "Causes" })).toContainText("Adsolut");
  await expect(palette(page).getByRole("group", { name: "Instructions" })).toContainText("Open booking period");
  await find(page, "audit");
  await expect(palette(page).getByRole("group", { name: "Pages" })).toContainText("Audit log");
  expect(errors).toEqual([]);
});

test("[S4.3] the search by keyboard alone: arrows, Enter opens, Esc closes and gives the focus back, what was opened is there again", async ({ sandbox, page }) => {
  const id = await indexed(sandbox, page, "Factuur Zomerlunch");
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.press("Control+k");
  await expect(field(page)).toBeFocused();
  // nothing typed: what stopped, and the pages
  await expect(palette(page).getByRole("group", { name: "Tasks" })).toContainText("Factuur Zomerlunch");
  await expect(palette(page).getByRole("group", { name: "Pages" })).toBeVisible();
  await expect(field(page)).toHaveAttribute("aria-activedescendant", "found-0");
  await page.keyboard.press("ArrowDown");
  await expect(field(page)).toHaveAttribute("aria-activedescendant", "found-1");
  await expect(page.locator("#found-1")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(lines(page).last()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await expect(palette(page)).toBeHidden();
  await expect(page.getByRole("searchbox")).toBeFocused();

  // Enter before the answer is there opens what the answer brings
  await page.keyboard.press("Control+k");
  await expect(lines(page).first()).toBeVisible();
  await page.keyboard.type(`#${id}`);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/o/sandbox/tasks/${id}`);
  await alive(page);
  await expect(palette(page)).toBeHidden();
  // the page that was opened has the focus, not nothing
  await expect.poll(() => page.evaluate(() => document.activeElement !== null && document.activeElement !== document.body)).toBe(true);
  await page.keyboard.press("Control+k");
  await expect(palette(page).getByRole("group", { name: "Recent" })).toContainText("Factuur Zomerlunch");
});

test("what the page can do is found with its key, and done from here", async ({ sandbox, page }) => {
  const id = await indexed(sandbox, page, "Factuur Zomerlunch");
  await sandbox.panel(page, id);
  await find(page, "restart");
  const action = palette(page).getByRole("group", { name: "On this page" }).getByRole("option").first();
  await expect(action).toContainText("Restart task");
  await expect(action.locator("kbd")).toHaveText("R");
  await page.keyboard.press("Enter");
  await expect(palette(page)).toBeHidden();
  await expect(status(page)).toHaveText("Queued");
  expect(await sandbox.status(id)).toBe("queued");
});

test("[C8.3] nobody finds what they may not see", async ({ sandbox, page, browser }) => {
  const hidden = ["WOUTE", "FA-88121", "3", "Omar", "Gent 1", "period_not_open", "Audit log"];
  const nothing = async (of: Page, text: string) => {
    await find(of, text);
    await expect(lines(of), text).toHaveCount(0);
    await expect(palette(of)).toContainText(`Nothing found for “${text}”.`);
  };
  const as = async (role: string) => {
    const person = await (await browser.newContext()).newPage();
    await sandbox.signIn(person, role);
    await sandbox.open(person, "/o/gent/tasks");
    return person;
  };
  const support = await as("support");
  for (const text of hidden) {
    await expect(async () => {
      await find(support, text);
      expect(await lines(support).count(), text).toBeGreaterThan(0);
    }).toPass();
  }
  for (const role of ["admin", "operator"]) {
    const person = await as(role);
    await find(person, "Gent 1");
    await expect(palette(person).getByRole("group", { name: "Connectors" }), role).toContainText("Gent 1");
    await nothing(person, "period_not_open");
  }
  await nothing(await as("operator"), "Omar");
  await sandbox.signIn(page, "employee");
  await sandbox.open(page, "/o/gent/tasks");
  await find(page, "BAKSM");
  await expect(palette(page).getByRole("group", { name: "Dossiers" })).toContainText("Bakkerij De Smet");
  for (const text of hidden) await nothing(page, text);
  const other = await page.request.post(`${sandbox.server.url}/api/desk/search`, { data: { office: "sandbox", text: "x" } });
  expect(other.status()).toBe(404);
});

rehearsed("[C8.3] an employee finds no job, not even of a company that they manage", async ({ watch, page, browser }) => {
  await watch.clock.set(instant(after(local(watch.clock.now()).day, 1), "12:05"));
  await companies(watch, "8");
  await watch.manages("employee", "8");
  const operator = await watch.person(await browser.newContext(), "operator_sandbox");
  const id = await setUp(watch, operator, form("nets_integration", "8", "06:38", { description: "Nets for the library" }));
  await watch.open(operator, "/o/sandbox/tasks");
  await watch.signIn(page, "employee_sandbox");
  await watch.open(page, "/o/sandbox/tasks");
  await find(page, "Company 8");
  await expect(palette(page).getByRole("group", { name: "Dossiers" })).toContainText("Company 8");
  for (const text of ["library", `#${id}`]) {
    await find(operator, text);
    await expect(lines(operator).filter({ hasText: "Nets for the library" }), text).toHaveCount(1);
  }
  await find(page, "library");
  await expect(palette(page)).toContainText("Nothing found for “library”.");
  // a task may have that number, too
  await find(page, `#${id}`);
  await expect(palette(page)).not.toContainText("Nothing found for “library”.");
  await expect(palette(page)).not.toContainText("Nets for the library");
});

test("quotes, operators, 10,000 letters and other scripts find nothing and break nothing", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/gent/tasks");
  for (const text of ["\"", "a\" OR \"b", "NEAR(a b)", "words:x*", "^", "-", "%", "' OR 1=1 --", "🌙", "مرحبا", "<b>x</b>"]) {
    await find(page, text);
    await expect(palette(page).getByRole("alert")).toHaveCount(0);
  }
  await find(page, "x".repeat(10_000));
  await expect(palette(page).getByRole("alert")).toHaveCount(0);
  // behind the page's back, where nothing is cut
  for (const [text, status] of [["x".repeat(10_000), 422], ["a ".repeat(5_000), 422], ["\u0000", 200]] as const) {
    const answer = await page.request.post(`${sandbox.server.url}/api/desk/search`, { data: { office: "gent", text } });
    expect(answer.status()).toBe(status);
  }
  expect(errors).toEqual([]);
});

test("a late answer to an earlier question is dropped; a broken connection is said", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/gent/tasks");
  const held: (() => void)[] = [];
  await page.route("**/api/desk/search", async (route) => {
    if (route.request().postDataJSON().text === "bak") await new Promise<void>((go) => held.push(go));
    await route.continue();
  });
  await page.keyboard.press("Control+k");
  await field(page).fill("bak");
  await expect.poll(() => held.length).toBe(1);
  await find(page, "woute");
  await expect(lines(page)).toHaveCount(1);
  const late = page.waitForResponse((r) => r.url().endsWith("/api/desk/search") && r.request().postDataJSON().text === "bak");
  held[0]!();
  await late;
  await expect(lines(page)).toHaveCount(1);
  await expect(lines(page)).toContainText("Elektro Wouters");
  await page.unroute("**/api/desk/search");
  await page.route("**/api/desk/search", (route) => route.abort());
  await field(page).fill("nys");
  await expect(palette(page).getByRole("alert")).toContainText("The connection dropped");
});

test("G and a letter goes to a page, / to the search field, ? lists the keys; in a field they are letters", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/gent/tasks");
  for (const [key, path] of [["n", "connectors"], ["r", "causes"], ["c", "clients"], ["t", "tasks"]]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key!);
    await page.waitForURL(`**/o/gent/${path}`);
  }
  await expect(page.getByRole("dialog")).toHaveCount(0);
  // the page that one comes from has a field, too
  await expect(page.getByRole("searchbox", { name: "Search tasks" })).toBeVisible();
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("g/?n");
  await expect(page.getByRole("searchbox")).toHaveValue("g/?n");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(list).toBeVisible();
  await expect(list.getByText("Active clients")).toBeVisible();
  await axe(page);
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
});

test("on a phone a button in the top bar opens it; nothing runs over the edge", async ({ sandbox, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await sandbox.signIn(page, "admin");
  await sandbox.open(page, "/o/gent/tasks");
  const button = page.getByRole("banner").getByRole("button", { name: "Search" });
  expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  await button.click();
  await expect(field(page)).toBeFocused();
  await field(page).fill("bakkerij");
  const line = lines(page).filter({ hasText: "Bakkerij De Smet" }).first();
  expect((await line.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await line.click();
  await page.waitForURL("**/o/gent/dossiers/BAKSM");
  await alive(page);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const [width, height] of [[1440, 900], [390, 844]] as const) {
    test(`the search reads well for everyone: ${colorScheme}, ${width} wide`, async ({ sandbox, page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await sandbox.signIn(page, "support");
      await settled(sandbox.server, page);
      await alive(page);
      await page.keyboard.press("Control+k");
      await expect(lines(page).first()).toBeVisible();
      await axe(page);
      await find(page, "bak");
      await axe(page);
      await find(page, "qqqq");
      await expect(palette(page)).toContainText("Nothing found");
      await axe(page);
    });
  }
}

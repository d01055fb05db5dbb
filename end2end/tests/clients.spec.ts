/** Active clients and one dossier: whose turn it is, in one glance, for those who may know. */
import { expect, type Locator, type Page } from "@playwright/test";
import { axe, watchErrors } from "./support";
import { ACTIVATE, BOOK, failed, row as taskRow, test, type Sandbox } from "./sandbox";

const MANAGED = ["BAKSM", "FLORE", "HENDR", "PEETE", "VANDI"];
const CLOSED = failed("period_not_open", { period: "201802" });
const BROKEN = failed("database_error", {}, "table DOC is locked");
const LIST = "/o/sandbox/clients";

const lines = (page: Page): Locator => page.locator("table.clients tbody tr");
const line = (page: Page, code: string): Locator => lines(page).filter({ has: page.getByText(code, { exact: true }) });
const tile = (page: Page, key: string): Locator => page.locator(`[data-tile=${key}] .v`);

async function codes(page: Page): Promise<string[]> {
  return page.locator("table.clients tbody .to .code").allTextContents();
}

// each test has a server of its own, and the rules of accessibility are asked on four pages

/** Dossiers of Adsolut that flow, and Support looking at an office's page. */
async function flowing(sandbox: Sandbox, page: Page, path: string, ...names: string[]): Promise<void> {
  await sandbox.dossiers("adsolut", ...names);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, path);
}

/** What an element is painted in: red, green and blue, each to 255. */
async function paint(of: Locator): Promise<[number, number, number]> {
  const [r, g, b] = (await of.evaluate((e) => getComputedStyle(e).color)).match(/[\d.]+/g)!.map(Number);
  return [r!, g!, b!];
}

/** The colour on the wheel, in degrees: red is 0, orange 30, yellow 60. */
async function hue(of: Locator): Promise<number> {
  const [r, g, b] = await paint(of);
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  // a grey has no place on it
  expect(most - least).toBeGreaterThan(60);
  const sixth = most === r ? (g - b) / (most - least) : most === g ? 2 + (b - r) / (most - least) : 4 + (r - g) / (most - least);
  return (sixth * 60 + 360) % 360;
}

test("[T11.2, T11.3] the menu leads to all dossiers of the office for the admin, and an employee sees only their own", async ({ sandbox, page, browser }) => {
  const errors = watchErrors(page);
  await sandbox.signIn(page, "admin");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Active clients" }).click();
  await expect(page).toHaveURL(/\/o\/gent\/clients$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Active clients");
  await expect(lines(page).nth(15)).toBeVisible();
  const all = await codes(page);
  expect([...all].sort()).toEqual([
    "BAKSM", "BROUO", "CLAES", "DUBOI", "FLORE", "HENDR", "JANSS", "KAPEL", "LAMBR", "MERTE", "NYSCH", "OOSTV", "PEETE", "RAMAE", "TIELT", "VANDI", "WOUTE", "XYZ",
  ]);
  await expect(page.locator("[data-chip=all] .num")).toHaveText("18");
  await sandbox.dossiers("adsolut", "FOREIGN");
  for (const path of ["clients", "dossiers/FOREIGN", "tasks"]) {
    const answer = await page.request.get(`${sandbox.server.url}/o/sandbox/${path}`);
    expect(answer.status(), path).toBe(404);
    expect(await answer.text()).not.toContain("Client FOREIGN");
  }
  expect(errors).toEqual([]);

  const context = await browser.newContext();
  const employee = await context.newPage();
  await sandbox.signIn(employee, "employee");
  await sandbox.open(employee, "/o/gent/clients");
  expect((await codes(employee)).sort()).toEqual(MANAGED);
  await expect(employee.locator("[data-chip=all] .num")).toHaveText("5");
  await expect(employee.locator("[data-chip=mine]")).toHaveCount(0);
  await expect(employee.getByRole("checkbox")).toHaveCount(0);
  // asked for past the page, the answer is the same
  const asked = { standings: [], text: "", mine: false, package: "" };
  const answer = await employee.request.post(`${sandbox.server.url}/api/desk/changed_clients`, { data: { office: "gent", asked, codes: all } });
  const told = (await answer.json()).lines.map((l: { code: string }) => l.code);
  expect(told.sort()).toEqual(MANAGED);
  for (const [person, office, status] of [[employee, all.filter((code) => !MANAGED.includes(code)), 404], [employee, MANAGED, 200], [page, all, 200]] as const) {
    for (const code of office) {
      const dossier = await person.request.post(`${sandbox.server.url}/api/desk/dossier`, { data: { office: "gent", code, tab: "tasks", before: null } });
      expect(dossier.status(), code).toBe(status);
    }
  }
  const refused = await employee.request.post(`${sandbox.server.url}/api/desk/set_manager`, { data: { office: "gent", dossiers: [1], person: 4, manages: true } });
  expect(refused.status()).toBe(403);
  for (const [role, person] of [["admin", page], ["employee", employee]] as const) {
    for (const call of ["clients", "changed_clients", "clients_frame", "dossier"]) {
      const more = { clients: { asked, after: null }, changed_clients: { asked, codes: [] }, dossier: { code: "FOREIGN", tab: "tasks", before: null } }[call] ?? {};
      const foreign = await person.request.post(`${sandbox.server.url}/api/desk/${call}`, { data: { office: "sandbox", ...more } });
      expect(foreign.status(), `${call} as ${role}`).toBe(404);
    }
  }
  await context.close();
});

test("[M2.1, M18.1] a dossier that flows has a tick in the ink of the words, left of its name, and says that there is nothing to do", async ({ sandbox, page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await sandbox.dossiers("adsolut", "AAA");
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, LIST);
  const icon = line(page, "AAA").locator("svg.s"), name = line(page, "AAA").locator(".to");
  await expect(line(page, "AAA")).toHaveAttribute("data-standing", "flow");
  await expect(icon).toHaveClass(/\bflow\b/);
  // a circle with a tick in it
  await expect(icon.locator("circle")).toHaveCount(1);
  await expect(icon.locator("path")).toHaveAttribute("d", "M5 8.2l2.1 2.1 4-4.3");
  const [left, right] = [await icon.boundingBox(), await name.boundingBox()];
  expect(left!.x + left!.width).toBeLessThanOrEqual(right!.x);
  expect(Math.abs(left!.y + left!.height / 2 - (right!.y + right!.height / 2))).toBeLessThan(6);
  expect(await paint(icon)).toEqual(await paint(name));
  for (const part of await paint(icon)) expect(part).toBeLessThan(0x30);
  await expect(line(page, "AAA").locator(".ico")).toHaveText("Flowing: Follow-up of Client AAA");
  await expect(line(page, "AAA")).toContainText("Nothing to do");
  await expect(tile(page, "flow")).toHaveText("1");
  await line(page, "AAA").locator(".to").click();
  await expect(page).toHaveURL(/\/o\/sandbox\/dossiers\/AAA$/);
  await expect(page.getByTestId("calm")).toContainText("All tasks in this dossier are done");
  await expect(page.getByTestId("calm")).toContainText("There is nothing to do.");
});

test("[M4.1, M6.1, M6.2] red and orange come to the admin's list by themselves, in their own shape, colour and word, and nothing moves", async ({ sandbox, page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, LIST);
  await expect(line(page, "CCC")).toHaveAttribute("data-standing", "flow");
  const icon = (code: string) => line(page, code).locator("svg.s");
  await sandbox.fail({ kind: BOOK, dossier: "CCC" }, BROKEN);
  await expect(line(page, "CCC")).toHaveAttribute("data-standing", "sup");
  await expect(line(page, "CCC").locator(".ico")).toHaveText("With support: Follow-up of Client CCC");
  await expect(line(page, "CCC")).toContainText("Support is on it");
  await sandbox.fail({ kind: BOOK, dossier: "BBB" }, CLOSED);
  await expect(line(page, "BBB")).toHaveAttribute("data-standing", "act");
  await expect(line(page, "BBB").locator(".ico")).toHaveText("Action required: Follow-up of Client BBB");
  await expect(line(page, "BBB")).toContainText("Open booking period 2018-02");
  await expect(line(page, "BBB")).toContainText("1 task");
  const word = line(page, "BBB").locator(".c2").getByText("Action required", { exact: true });
  await expect(word).toBeVisible();
  expect(await hue(word), "orange").toBeGreaterThan(20);
  expect(await hue(word), "orange").toBeLessThan(45);
  const red = await hue(icon("CCC")), orange = await hue(icon("BBB"));
  expect(red < 10 || red > 350, `red is ${red}`).toBe(true);
  expect(orange, "orange").toBeGreaterThan(20);
  expect(orange, "orange").toBeLessThan(45);
  const shapes = async () => new Set(await Promise.all(["AAA", "BBB", "CCC"].map((code) => icon(code).innerHTML())));
  expect((await shapes()).size).toBe(3);
  for (const [key, n] of [["act", "1"], ["sup", "1"], ["flow", "1"]] as const) await expect(tile(page, key)).toHaveText(n);
  // each line changed where it stands; the new order waits for the reader
  expect(await codes(page)).toEqual(["AAA", "BBB", "CCC"]);
  await expect(page.locator("button.news")).toHaveText(/^2 dossiers changed\s*·\s*Show$/);
  await page.keyboard.press(".");
  await expect(page.locator("button.news")).toHaveCount(0);
  // the office's own turn comes first
  await expect.poll(() => codes(page)).toEqual(["BBB", "CCC", "AAA"]);

  // where the system paints everything in colours of its own, shape and word are what is left
  await page.emulateMedia({ forcedColors: "active" });
  const painted = await Promise.all(["AAA", "BBB", "CCC"].map(async (code) => (await paint(icon(code))).join()));
  expect(new Set(painted).size).toBe(1);
  expect((await shapes()).size).toBe(3);
  for (const code of ["AAA", "BBB", "CCC"]) await expect(icon(code)).toBeVisible();
});

test("what waits is counted per dossier, live", async ({ sandbox, page }) => {
  await flowing(sandbox, page, LIST, "AAA", "BBB");
  await expect(line(page, "AAA").locator(".c4")).toContainText("0");
  await sandbox.deliver({ kind: BOOK, dossier: "AAA" }, { kind: BOOK, dossier: "AAA" });
  await expect(line(page, "AAA").locator(".c4")).toContainText("2");
  await expect(page.locator(".cn")).toContainText("2 tasks queued. Waiting tasks run by themselves.");
  const task = await sandbox.claimOne();
  await expect(line(page, "AAA").locator(".c4")).toContainText("1");
  await sandbox.report(task);
  await expect(line(page, "AAA").locator(".c5")).toContainText(/\d s ago/);
  expect(await codes(page)).toEqual(["AAA", "BBB"]);
  await expect(page.locator("button.news")).toHaveCount(0);
});

test("[M8.1] the icon and the instruction lead to Follow-up of that dossier, the name to its page; without its filter an admin sees all, an employee their own", async ({ sandbox, page, browser }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  for (const dossier of ["AAA", "BBB", "CCC"]) await sandbox.fail({ kind: BOOK, dossier }, CLOSED);
  await sandbox.manages("employee", "BBB", "CCC");
  for (const [role, seen] of [["admin_sandbox", ["AAA", "BBB", "CCC"]], ["employee_sandbox", ["BBB", "CCC"]]] as const) {
    const context = await browser.newContext();
    const reader = await context.newPage();
    await sandbox.signIn(reader, role);
    for (const link of [".ico", ".need"]) {
      await sandbox.open(reader, LIST);
      await line(reader, "BBB").locator(link).click();
      await expect(reader).toHaveURL(/\/o\/sandbox\/tasks\?dossier=BBB/);
      await expect(reader.getByRole("heading", { level: 1 })).toHaveText("Follow-up of tasks");
      await expect(reader.locator("li.tr")).toHaveCount(1);
      await expect(reader.locator("li.tr")).toContainText("Client BBB");
    }
    await reader.locator("[data-token=dossier]").click();
    await expect(reader.locator("li.tr"), role).toHaveCount(seen.length);
    for (const code of seen) await expect(reader.locator("li.tr", { hasText: `Client ${code}` }), role).toHaveCount(1);
    await context.close();
  }
  await sandbox.signIn(page, "employee_sandbox");
  await sandbox.open(page, LIST);
  await line(page, "BBB").locator(".to").click();
  await expect(page.locator(".dos h2").first()).toHaveText("Client BBB");
});

test("[M7.1, M7.2] a manager's Monitoring carries the number of the dossier's tasks that need the office, live; red ones are named beside it", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  await sandbox.manages("employee", "AAA", "BBB");
  await sandbox.signIn(page, "employee_sandbox");
  await sandbox.open(page, "/o/sandbox/dossiers/AAA");
  const tab = page.locator("[data-tab=monitoring]");
  await expect(tab).toHaveText("Monitoring");
  const orange = await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "A-1.pdf" }, CLOSED);
  await expect(tab.getByTestId("badge")).toContainText("1 needs your action");
  await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "A-2.pdf" }, CLOSED);
  await expect(tab.getByTestId("badge")).toContainText("2 need your action");
  await expect(tab.getByTestId("beside")).toHaveCount(0);
  // what is Support's is said in words, and does not count
  await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "A-3.pdf" }, BROKEN);
  await expect(tab.getByTestId("beside")).toHaveText("1 with support");
  await expect(tab.getByTestId("badge")).toContainText("2 need your action");
  await sandbox.fail({ kind: BOOK, dossier: "BBB" }, CLOSED);
  await page.locator(`[data-task="${orange}"]`).getByRole("button", { name: `Restart task ${orange}` }).click();
  await expect(tab.getByTestId("badge")).toContainText("1 needs your action");
  await expect(tab.getByTestId("beside")).toHaveText("1 with support");
  expect(await sandbox.status(orange)).toBe("queued");
});

test("[T12.1, T12.2] the manager of a dossier sees on its own screen what stopped, what to do, and restarts it there", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "employee");
  await expect.poll(async () => {
    await page.goto(`${sandbox.server.url}/o/gent/dossiers/BAKSM`);
    return page.locator("section.todo li[data-task]").count();
  }, { intervals: [1_000] }).toBe(2);
  await sandbox.open(page, "/o/gent/dossiers/BAKSM?tab=tasks");
  await expect(page.getByTestId("tasks")).toBeVisible();
  await expect(page.locator("section.todo")).toHaveCount(0);
  await page.getByRole("link", { name: "Monitoring" }).click();
  await expect(page.locator("section.todo li[data-task]")).toHaveCount(2);
  await expect(page.getByTestId("standing")).toHaveText("Action required");
  await expect(page.getByTestId("badge")).toContainText("2 need your action");
  const cause = page.locator("section.todo.act");
  await expect(cause).toHaveCount(1);
  await expect(cause.getByRole("heading")).toHaveText("Open booking period 2018-02");
  await expect(cause.locator("ol li")).toHaveCount(3);
  await expect(cause.locator("ol li").nth(1)).toContainText("Create period 2018-02, or reopen it if it is closed.");
  for (const line of await cause.locator("li[data-task]").all()) await expect(line).toContainText("Action required: Process booking proposal");
  await expect(page.locator("ul.managers")).toContainText("Emma Claes");
  await expect(page.getByRole("button", { name: "Add manager" })).toHaveCount(0);
  // the time of the change, not of our looking
  await page.evaluate(() => new MutationObserver(() => {
    if (!document.querySelector("section.todo")) (window as any).gone ??= Date.now();
  }).observe(document.body, { childList: true, subtree: true }));
  const clicked = Date.now();
  await cause.getByRole("button", { name: "Restart all 2" }).click();
  await expect(page.getByRole("status").filter({ hasText: "2 tasks restarted." })).toBeVisible();
  await expect(page.locator("section.todo")).toHaveCount(0);
  expect(await page.evaluate(() => (window as any).gone as number) - clicked, "milliseconds from the click").toBeLessThan(3_000);
  await expect(page.getByTestId("badge")).toHaveCount(0);

  // the other tabs, by their address
  await page.getByRole("link", { name: "Tasks", exact: true }).last().click();
  await expect(page).toHaveURL(/tab=tasks/);
  await page.reload();
  await expect(page.getByTestId("tasks")).toBeVisible();
  await page.getByRole("link", { name: "History" }).click();
  await expect(page.getByTestId("changes").locator("li").first()).toContainText("Restarted · Emma Claes");
  await page.goBack();
  await expect(page.getByTestId("tasks")).toBeVisible();

  // a dossier of somebody else looks the same as none
  for (const code of ["WOUTE", "NOSUCH", "..%2f..%2fetc"]) {
    const answer = await page.goto(`${sandbox.server.url}/o/gent/dossiers/${code}`);
    expect(answer!.status(), code).toBe(404);
    await expect(page.getByRole("heading", { name: "Not here" })).toBeVisible();
  }
  // whose rights are withdrawn while the page is open
  const context = await browser.newContext();
  const admin = await context.newPage();
  await sandbox.signIn(admin, "admin");
  await sandbox.open(admin, "/o/gent/dossiers/FLORE");
  await page.goto(`${sandbox.server.url}/o/gent/dossiers/FLORE`);
  await expect(page.locator(".dos h2").first()).toHaveText("Florence Mode");
  await admin.getByRole("button", { name: "Remove Emma Claes as manager" }).click();
  await expect(admin.getByRole("status").filter({ hasText: "Emma Claes no longer manages this dossier." })).toBeVisible();
  await page.getByRole("link", { name: "History" }).click();
  await expect(page.getByRole("heading", { name: "Not here" })).toBeVisible();
  expect((await page.request.get(`${sandbox.server.url}/o/gent/dossiers/FLORE`)).status()).toBe(404);
  await admin.getByLabel("Choose a manager").selectOption({ label: "Emma Claes" });
  await admin.getByRole("button", { name: "Add manager" }).click();
  await expect(admin.locator("ul.managers")).toContainText("Emma Claes");
  await context.close();
});

test("the address is the filter: chips, text and package, and nonsense in it is left out", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  await sandbox.dossiers("wings", "CCC");
  await sandbox.fail({ kind: BOOK, dossier: "BBB" }, CLOSED);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, LIST);
  expect(await codes(page)).toEqual(["BBB", "AAA", "CCC"]);
  await page.locator("[data-chip=attention]").click();
  await expect(page).toHaveURL(/status=act,sup/);
  await expect.poll(() => codes(page)).toEqual(["BBB"]);
  await expect(page.locator("[data-chip=attention]")).toHaveAttribute("aria-current", "true");
  await page.locator("[data-chip=all]").click();
  await expect.poll(() => codes(page)).toEqual(["BBB", "AAA", "CCC"]);
  await page.getByRole("searchbox", { name: "Filter by name or code" }).pressSequentially("client c");
  await expect(page).toHaveURL(/q=client%20c/);
  await expect.poll(() => codes(page)).toEqual(["CCC"]);
  await page.reload();
  await expect(page.getByRole("searchbox", { name: "Filter by name or code" })).toHaveValue("client c");
  expect(await codes(page)).toEqual(["CCC"]);
  await sandbox.open(page, LIST);
  await page.getByLabel("Package").selectOption("wings");
  await expect(page).toHaveURL(/package=wings/);
  await expect.poll(() => codes(page)).toEqual(["CCC"]);
  for (const nonsense of ["status=x,,;DROP&mine=maybe&sort=up", "package=&q=", "status=flow,act,sup"]) {
    await page.goto(`${sandbox.server.url}${LIST}?${nonsense}`);
    expect(await codes(page), nonsense).toEqual(["BBB", "AAA", "CCC"]);
  }
  for (const [query, said] of [["q=%25", "No dossier matches this filter."], [`q=${"x".repeat(10_000)}`, "No dossier matches this filter."], ["status=sup", "Nothing needs attention"], ["package=none", "No dossier matches this filter."]]) {
    await page.goto(`${sandbox.server.url}${LIST}?${query}`);
    await expect(page.locator(".empty")).toContainText(said!);
    await expect(page.getByRole("link", { name: "Show all dossiers" })).toBeVisible();
  }
});

test("long, right-to-left and emoji names stay in their place on a phone", async ({ sandbox, page }) => {
  await sandbox.hello();
  const names = ["W".repeat(200), "شركة المحاسبة ".repeat(14).trim(), "🧾🥖 Bakkerij 🇧🇪"];
  await sandbox.deliver(...names.map((name, i) => ({ kind: ACTIVATE, dossier: `LONG-CODE-OF-A-DOSSIER-${i}`, payload: { name, package: "adsolut" } })));
  for (const task of await sandbox.claim()) await sandbox.report(task, task.dossier.code.endsWith("0") ? BROKEN : undefined);
  await sandbox.signIn(page, "support");
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 844 });
    for (const path of [LIST, "/o/sandbox/dossiers/LONG-CODE-OF-A-DOSSIER-0", "/o/sandbox/dossiers/LONG-CODE-OF-A-DOSSIER-1"]) {
      await page.goto(sandbox.server.url + path);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${path} at ${width}`).toBe(width);
    }
  }
});

test("a hundred at a time: more are appended after the last line, and none comes twice", async ({ sandbox, page }) => {
  const all = Array.from({ length: 130 }, (_, i) => `C${1000 + i}`);
  for (let n = 0; n < all.length; n += 65) await sandbox.dossiers("adsolut", ...all.slice(n, n + 65));
  await sandbox.signIn(page, "support");
  await sandbox.open(page, LIST);
  await expect(lines(page)).toHaveCount(100);
  await expect(page.locator(".foot")).toContainText("100 of 130 shown");
  // the last line has moved meanwhile: the next page begins where the first one ended
  await sandbox.fail({ kind: BOOK, dossier: "C1099" }, CLOSED);
  await expect(line(page, "C1099")).toHaveAttribute("data-standing", "act");
  await page.getByRole("button", { name: "Show more" }).press("Enter");
  await expect(lines(page)).toHaveCount(130);
  expect(await codes(page)).toEqual(all);
  await expect(page.getByRole("button", { name: "Show more" })).toHaveCount(0);
  // what was appended is live too
  await sandbox.fail({ kind: BOOK, dossier: "C1129" }, CLOSED);
  await expect(line(page, "C1129")).toHaveAttribute("data-standing", "act");
});

test("with the keys: J and K move, Enter opens, X selects", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  await sandbox.open(page, "/o/gent/clients");
  const shown = await codes(page);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await expect(line(page, shown[1]!)).toHaveClass(/cur/);
  await expect(line(page, shown[1]!).locator(".to")).toBeFocused();
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Shift+X");
  await expect(page.locator(".bulk")).toContainText("3 dossiers selected");
  await page.keyboard.press("Escape");
  await expect(page.locator(".bulk")).toBeHidden();
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/dossiers/${shown[2]}$`));
});

test("a manager for the selected dossiers, with Shift for a range, and back with one key", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  await sandbox.open(page, "/o/gent/clients?package=exact_online");
  // those that Omar does not manage yet, as they stand
  await expect(line(page, "FLORE")).toBeVisible();
  const mine = page.locator("[data-chip=mine] .num");
  const before = Number(await mine.textContent());
  const boxes = lines(page).getByRole("checkbox");
  const n = await boxes.count();
  await boxes.first().click();
  await boxes.nth(n - 1).click({ modifiers: ["Shift"] });
  await expect(page.locator(".bulk")).toContainText(`${n} dossiers selected`);
  await expect(page.getByRole("searchbox", { name: "Filter by name or code" })).toBeHidden();
  await page.getByLabel("Choose a manager").selectOption({ label: "Lotte Maes" });
  await page.getByRole("button", { name: "Assign manager" }).click();
  // Apotheek De Kapel was hers before
  await expect(page.locator(".did")).toContainText(`Lotte Maes now manages ${n - 1} more dossiers.`);
  await expect(line(page, "FLORE").locator(".faces")).toHaveAttribute("aria-label", "Managers: Emma Claes, Lotte Maes");
  await expect(mine).toHaveText(String(before + n - 1));
  await page.keyboard.press("z");
  await expect(page.locator(".did")).toContainText("Taken back.");
  await expect(line(page, "FLORE").locator(".faces")).toHaveAttribute("aria-label", "Managers: Emma Claes");
  await expect(mine).toHaveText(String(before));
  await expect(line(page, "KAPEL").locator(".faces")).toHaveAttribute("aria-label", "Managers: Lotte Maes");
});

for (const scheme of ["light", "dark"] as const) {
  for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    test(`Active clients and a dossier keep the rules of accessibility, ${scheme}, ${size.width} wide`, async ({ sandbox, page }) => {
      const errors = watchErrors(page);
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize(size);
      await sandbox.signIn(page, "admin");
      await expect.poll(async () => {
        await page.goto(`${sandbox.server.url}/o/gent/clients?status=act,sup`);
        return lines(page).count();
      }, { intervals: [2_000] }).toBeGreaterThan(8);
      for (const path of ["clients", "dossiers/BAKSM", "dossiers/BROUO?tab=tasks", "dossiers/FLORE?tab=history"]) {
        await sandbox.open(page, `/o/gent/${path}`);
        await axe(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(size.width);
      }
      expect(errors).toEqual([]);
    });
  }
}

test("in another language every word of the page follows", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA");
  await sandbox.fail({ kind: BOOK, dossier: "AAA" }, CLOSED);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, LIST);
  await page.getByLabel("Language").selectOption("nl");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Actieve klanten");
  await expect(line(page, "AAA")).toContainText("1 taak");
  await expect(line(page, "AAA").locator(".need")).toContainText("2018-02");
  await expect(line(page, "AAA").locator(".need")).not.toContainText("Open booking period");
  expect(await taskRow(page, "1").count()).toBe(0);
});

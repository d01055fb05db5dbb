/** Users and rights: inviting, roles, the end of access, dossiers managed; on every size and in both themes. */
import { expect, type Browser, type Page } from "@playwright/test";
import { axe, watchErrors } from "./support";
import { alive, test, type Sandbox } from "./sandbox";
import { enrol, giveCode, type App } from "./totp";

// many pages a test, on machines of any speed

const PASSWORD = "a long enough password";
let made = 0;

/** The address of a person nobody has used yet. */
const fresh = () => `person${++made}-${Date.now()}@halden-vos.example`;

async function users(sandbox: Sandbox, page: Page, query = ""): Promise<void> {
  await page.goto(`${sandbox.server.url}/o/gent/users${query}`);
  await alive(page);
}

/** Invites somebody by hand and gives the link on the screen. */
async function invite(sandbox: Sandbox, page: Page, name: string, email: string, role = "employee", language = "en"): Promise<string> {
  await users(sandbox, page);
  await page.getByRole("link", { name: "Invite somebody" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("E-mail address").fill(email);
  await page.locator("#invite-role").selectOption(role);
  await page.locator("#invite-language").selectOption(language);
  await page.getByRole("button", { name: "Make the invitation" }).click();
  const link = page.getByTestId("made-link").getByTestId("link");
  await expect(link).toHaveText(new RegExp(`^${sandbox.server.url}/sign-in/nws_`));
  return (await link.textContent())!;
}

/** Takes an invitation up in a browser of its own. */
async function accept(browser: Browser, link: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  await page.locator("#password").fill(PASSWORD);
  await page.getByTestId("sign-in").click();
  await page.waitForURL("**/o/gent/**");
  return page;
}

/** The same for an admin, who sets a second factor up. */
async function acceptAsAdmin(browser: Browser, link: string): Promise<{ guest: Page; app: App }> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  await page.locator("#password").fill(PASSWORD);
  await page.getByTestId("sign-in").click();
  const { app } = await enrol(page);
  await page.waitForURL("**/o/gent/**");
  return { guest: page, app };
}

const line = (page: Page, email: string) => page.locator(`tr[data-person="${email}"]`);

test("an invitation: a link shown once, looked at without being used, a password, and the person is in", async ({ sandbox, page, browser }) => {
  const errors = watchErrors(page);
  await sandbox.signIn(page, "admin");
  const email = fresh();
  const link = await invite(sandbox, page, "Zoë Ĳsselmuiden 🦉", email);
  await expect(line(page, email)).toContainText("Invited");
  // programs that look at links use nothing up
  for (let n = 0; n < 3; n++) expect((await page.request.get(link)).status()).toBe(200);
  const guest = await (await browser.newContext()).newPage();
  await guest.goto(link);
  await axe(guest);
  await guest.locator("#password").fill("short");
  await guest.getByTestId("sign-in").click();
  await expect(guest.getByText("At least 10 characters.")).toBeVisible();
  await guest.locator("#password").fill(PASSWORD);
  await guest.getByTestId("sign-in").click();
  await guest.waitForURL("**/o/gent/tasks**");
  expect((await page.request.get(link)).status(), "once").toBe(404);
  await users(sandbox, page);
  await expect(line(page, email)).toContainText("Active");
  await expect(page.getByTestId("made-link"), "not shown again").toHaveCount(0);
  // who manages no dossier sees none; the page of rights is not theirs
  await guest.goto(`${sandbox.server.url}/o/gent/users`);
  await expect(guest.getByRole("alert").filter({ hasText: "You may not do this" })).toBeVisible();
  await guest.context().close();
  expect(errors).toEqual([]);
});

test("what is wrong with an invitation stands at its field: empty, no address, taken, 10,000 characters, hidden controls", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  await users(sandbox, page, "?invite=1");
  const send = page.getByRole("button", { name: "Make the invitation" });
  await send.click();
  await expect(page.locator("#invite-name-note")).toHaveText("Fill this in.");
  await expect(page.locator("#invite-email-note")).toHaveText("Fill this in.");
  await expect(page.locator("#invite-name")).toHaveAttribute("aria-invalid", "true");
  await page.locator("#invite-name").fill("n".repeat(10_000));
  await page.locator("#invite-email").fill("nobody");
  await send.click();
  await expect(page.locator("#invite-name-note")).toHaveText("At most 200 characters.");
  await expect(page.locator("#invite-email-note")).toHaveText("This is no e-mail address.");
  await page.locator("#invite-name").fill("a\u202Eb");
  await page.locator("#invite-email").fill("LOTTE@halden-vos.example");
  await send.click();
  await expect(page.locator("#invite-name-note")).toHaveText("This holds characters that cannot be shown.");
  await page.locator("#invite-name").fill("Lotte again");
  await send.click();
  await expect(page.locator("#invite-email-note")).toHaveText("This is already in use.");
  await expect(page.locator("#invite-name"), "nothing typed is lost").toHaveValue("Lotte again");
});

test("nobody changes their own rights, and the last admin stays", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "admin");
  await users(sandbox, page);
  await line(page, "lotte@halden-vos.example").getByRole("link").click();
  await expect(page.locator("#detail")).toContainText("Nobody changes their own rights.");
  await expect(page.getByRole("button", { name: "Save role" })).toHaveCount(0);
  const context = await browser.newContext();
  const support = await context.newPage();
  await sandbox.signIn(support, "support");
  await users(sandbox, support);
  await expect(support.locator("tr[data-person]").filter({ hasText: "Sara Support" }), "Support is in no office's list").toHaveCount(0);
  await line(support, "lotte@halden-vos.example").getByRole("link").click();
  await support.locator("#role").selectOption("employee");
  await support.getByRole("button", { name: "Save role" }).click();
  await expect(support.locator("#detail .said")).toHaveText("An office keeps at least one admin. Make somebody else an admin first.");
  await expect(line(support, "lotte@halden-vos.example")).toContainText("Office admin");
  await context.close();
});

test("rights that are withdrawn while the page is open: the next action says so, the stream ends, the page leads to sign-in", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "admin");
  const email = fresh();
  const { guest, app } = await acceptAsAdmin(browser, await invite(sandbox, page, "Ann Admin", email, "admin"));
  await users(sandbox, guest, "?invite=1");
  const idle = await guest.context().newPage();
  await idle.goto(`${sandbox.server.url}/o/gent/tasks`);
  await alive(idle);
  await users(sandbox, page);
  await line(page, email).getByRole("link").click();
  await page.locator("#role").selectOption("employee");
  await page.getByRole("button", { name: "Save role" }).click();
  await expect(page.locator("#detail .said")).toHaveText("Saved.");
  await guest.locator("#invite-name").fill("Somebody");
  await guest.locator("#invite-email").fill(fresh());
  await guest.getByRole("button", { name: "Make the invitation" }).click();
  await expect(guest.locator("#detail .said")).toContainText("You may not do this.");
  await page.getByRole("button", { name: "End access" }).click();
  await expect(page.getByRole("dialog")).toContainText("End the access of Ann Admin?");
  await axe(page);
  await page.getByTestId("confirm-end").click();
  await expect(line(page, email)).toContainText("Access ended");
  const answer = await guest.request.post(`${sandbox.server.url}/api/desk/who`, { data: {} });
  expect(answer.status()).toBe(401);
  // nobody touches this one: the server ends its stream within 15 seconds
  await idle.waitForURL((url) => url.pathname === "/sign-in");
  await guest.goto(`${sandbox.server.url}/o/gent/tasks`);
  await expect(guest).toHaveURL(`${sandbox.server.url}/sign-in?to=%2Fo%2Fgent%2Ftasks`);
  await page.getByRole("button", { name: "Give access back" }).click();
  await expect(line(page, email)).toContainText("Active");
  await guest.getByLabel("E-mail address").fill(email);
  await guest.getByLabel("Password").fill(PASSWORD);
  await guest.getByTestId("sign-in").click();
  await giveCode(guest, app);
  await guest.waitForURL("**/o/gent/**");
  await guest.context().close();
});

test("a new link for somebody who lost their password", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "admin");
  const email = fresh();
  const first = await invite(sandbox, page, "Forgetful", email);
  await line(page, email).getByRole("link").click();
  await page.getByRole("button", { name: "Make a new link" }).click();
  const link = page.getByTestId("made-link").getByTestId("link");
  await expect(link).toBeVisible();
  const second = (await link.textContent())!;
  expect((await page.request.get(first)).status()).toBe(404);
  const guest = await accept(browser, second);
  await guest.context().close();
});

test("dossiers that a person manages: searched, ticked, saved; they see those and no others", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "admin");
  const email = fresh();
  const guest = await accept(browser, await invite(sandbox, page, "Eva Nieuw", email));
  await line(page, email).getByRole("link").click();
  const sought = page.getByRole("searchbox", { name: "Search dossiers" });
  await sought.fill("garage");
  await expect(page.locator(".ticks li")).toHaveCount(1);
  await page.getByRole("checkbox", { name: /Garage Peeters/ }).check();
  await sought.fill("dr. hen");
  await expect(page.locator(".ticks li")).toHaveText([/Dr. Hendrickx/]);
  await page.getByRole("button", { name: "Tick all shown", exact: true }).click();
  await page.getByRole("button", { name: "Save 2 changes" }).click();
  await expect(page.locator("#detail .said")).toHaveText("Saved.");
  await expect(line(page, email).locator("td").nth(1)).toHaveText("2");
  const seen = async (code: string) => {
    const data = { office: "gent", filter: { states: ["queued", "running", "action_required", "failed", "succeeded"], dossier: code }, after: null, rows: 200 };
    return (await (await guest.request.post(`${sandbox.server.url}/api/desk/tasks`, { data })).json()).rows.length;
  };
  expect(await seen("HENDR")).toBeGreaterThan(0);
  expect(await seen("BAKSM")).toBe(0);
  await guest.context().close();
});

for (const [where, viewport] of [["a desk", { width: 1440, height: 900 }], ["a phone", { width: 390, height: 844 }]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`users, settings, audit log and profile on ${where}, ${colorScheme}: no barrier for anybody, nothing to scroll sideways`, async ({ sandbox, browser }) => {
      const context = await browser.newContext({ viewport, colorScheme });
      const page = await context.newPage();
      const errors = watchErrors(page);
      await sandbox.signIn(page, "admin");
      for (const path of ["users", "users?person=4", "users?invite=1", "settings", "audit", "audit?q=nothing-like-this", "profile"]) {
        await page.goto(`${sandbox.server.url}/o/gent/${path}`);
        await alive(page);
        await axe(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), `${path} scrolls sideways`).toBeLessThanOrEqual(viewport.width);
      }
      expect(errors).toEqual([]);
      await context.close();
    });
  }
}

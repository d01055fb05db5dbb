/** One's own profile: language, theme, keys, password, sessions. */
import { expect, type Page } from "@playwright/test";
import { watchErrors } from "./support";
import { BOOK, alive, failed, test, type Sandbox } from "./sandbox";

// many pages a test, on machines of any speed

async function profile(sandbox: Sandbox, page: Page): Promise<void> {
  await page.goto(`${sandbox.server.url}/o/gent/profile`);
  await alive(page);
}

/** A word or two that each page must say in each language; a date as that language writes it. */
const WORDS = {
  en: { tasks: "Follow-up of tasks", users: "Last seen", audit: "Signed in", settings: "Save settings", profile: "Where you are signed in", role: "Office admin", search: "Search users", day: /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d/ },
  nl: { tasks: "Taken opvolgen", users: "Laatst gezien", audit: "Aangemeld", settings: "Instellingen bewaren", profile: "Waar u aangemeld bent", role: "Kantoorbeheerder", search: "Gebruikers zoeken", day: /^(ma|di|wo|do|vr|za|zo) \d/ },
  nb: { tasks: "Oppfølging av oppgaver", users: "Sist sett", audit: "Logget inn", settings: "Lagre innstillingene", profile: "Hvor du er logget inn", role: "Kontoradministrator", search: "Søk etter brukere", day: /^(man|tir|ons|tor|fre|lør|søn)\. \d/ },
  da: { tasks: "Opfølgning på opgaver", users: "Sidst set", audit: "Logget ind", settings: "Gem indstillinger", profile: "Hvor du er logget ind", role: "Kontoradministrator", search: "Søg efter brugere", day: /^(man|tir|ons|tor|fre|lør|søn)\. \d/ },
  fr: { tasks: "Suivi des tâches", users: "Dernière visite", audit: "Connecté", settings: "Enregistrer les paramètres", profile: "Où vous êtes connecté", role: "Administrateur du bureau", search: "Rechercher des utilisateurs", day: /^(lun|mar|mer|jeu|ven|sam|dim)\. \d/ },
} as const;
/** English that none of the other four may show on these pages. */
const ENGLISH = /\b(Search users|Last seen|Signed in|Save settings|Everybody|Settings|Audit log|Your profile|Office admin|Sign out|Before and after|Reminders|Shortcuts|Access ended|Invite somebody|Follow-up|Alerts|Users)\b/;

test("[S1.2] the language is chosen once and every page follows: words, dates, `lang`, in all five", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await sandbox.signIn(page, "admin");
  for (const language of ["en", "nl", "nb", "da", "fr"] as const) {
    const words = WORDS[language];
    await page.goto(`${sandbox.server.url}/o/gent/profile`);
    await expect(page.getByTestId("live")).not.toHaveClass(/off/);
    await page.locator("main .language select").selectOption(language);
    // without a reload
    await expect(page.getByRole("heading", { name: words.profile })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", language);
    await expect(page.locator("main .said")).not.toHaveText("");
    for (const path of ["tasks", "users", "audit", "settings", "profile"] as const) {
      await page.goto(`${sandbox.server.url}/o/gent/${path}`);
      await expect(page.getByTestId("live")).toHaveText(language === "fr" ? "En direct" : "Live");
      await expect(page.locator("html"), path).toHaveAttribute("lang", language);
      const main = page.locator("main, header.top, aside.side");
      const text = (await main.allInnerTexts()).join("\n");
      expect(text, path).toContain(words[path]);
      // the list of zones and the other languages' own names are no words of the page
      if (language !== "en") expect(text, `${path} in ${language}`).not.toMatch(ENGLISH);
    }
    await expect(page.locator("main time").first()).toHaveText(words.day);
    await expect(page.locator("main")).toContainText(words.role);
  }
  expect(errors).toEqual([]);
});

test("[S1.2] the language is the person's: it comes along to another browser and goes with signing out", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "admin");
  await page.goto(`${sandbox.server.url}/o/gent/users?invite=1`);
  await alive(page);
  await page.locator("#invite-name").fill("Jeanne");
  await page.locator("#invite-email").fill(`jeanne-${Date.now()}@halden-vos.example`);
  await page.locator("#invite-language").selectOption("fr");
  await page.getByRole("button", { name: "Make the invitation" }).click();
  const link = (await page.getByTestId("link").textContent())!;
  const context = await browser.newContext({ locale: "en-GB" });
  const jeanne = await context.newPage();
  await jeanne.goto(link);
  await jeanne.locator("#password").fill("une longue phrase");
  await jeanne.getByTestId("sign-in").click();
  await jeanne.waitForURL("**/o/gent/**");
  await expect(jeanne.locator("html")).toHaveAttribute("lang", "fr");
  await jeanne.goto(`${sandbox.server.url}/o/gent/profile`);
  await expect(jeanne.getByRole("heading", { level: 1 })).toHaveText("Votre profil");
  await jeanne.locator("main").getByRole("button", { name: "Se déconnecter", exact: true }).click();
  await jeanne.waitForURL("**/sign-in");
  await expect(jeanne.locator("html")).toHaveAttribute("lang", "en");
  await context.close();
});

test("the theme: as the device, or as chosen, from the first paint on and without a script", async ({ sandbox, browser }) => {
  const context = await browser.newContext({ colorScheme: "light" });
  const page = await context.newPage();
  await sandbox.signIn(page, "admin");
  await profile(sandbox, page);
  const background = (p: Page) => p.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background(page);
  await page.getByRole("radio", { name: "Dark" }).check();
  await expect.poll(() => background(page)).not.toBe(light);
  const dark = await background(page);
  await expect(page.locator("main .said")).toHaveText("Saved.");
  const answer = await page.request.get(`${sandbox.server.url}/o/gent/profile`);
  expect(await answer.text(), "the server says it in the first byte of the page").toMatch(/<html[^>]*data-theme="dark"/);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("radio", { name: "Light" }).check();
  await expect.poll(() => background(page)).toBe(light);
  await page.reload();
  expect(await background(page)).toBe(light);
  await alive(page);
  await page.getByRole("radio", { name: "As the device" }).check();
  await expect.poll(() => background(page)).toBe(dark);
  await expect(page.locator("main .said")).toHaveText("Saved.");
  await context.close();
});

test("single letters can be switched off, and on again", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const id = await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "A.pdf" }, failed("period_not_open", { period: "201802" }));
  await sandbox.signIn(page, "support");
  await profile(sandbox, page);
  const box = page.getByRole("checkbox", { name: "Single letters are shortcuts" });
  await box.uncheck();
  await expect(page.locator("main .said")).toHaveText("Saved.");
  await sandbox.panel(page, id);
  await page.keyboard.press("r");
  await page.keyboard.press("c");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(await sandbox.status(id)).toBe("action_required");
  await profile(sandbox, page);
  await expect(box).not.toBeChecked();
  await box.check();
  await expect(page.locator("main .said")).toHaveText("Saved.");
  await sandbox.panel(page, id);
  await page.keyboard.press("r");
  await expect.poll(() => sandbox.status(id)).toBe("queued");
});

test("[S9.8] sessions are listed with their device and can be ended, one or all others; the password changes with the old one", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "admin");
  await page.goto(`${sandbox.server.url}/o/gent/users?invite=1`);
  await alive(page);
  const email = `sessions-${Date.now()}@halden-vos.example`;
  await page.locator("#invite-name").fill("Sven Sessions");
  await page.locator("#invite-email").fill(email);
  await page.getByRole("button", { name: "Make the invitation" }).click();
  const link = (await page.getByTestId("link").textContent())!;
  const open = async (userAgent?: string) => (await browser.newContext(userAgent ? { userAgent } : {})).newPage();
  const first = await open("Mozilla/5.0 (Windows NT 10.0; rv:131.0) Gecko/20100101 Firefox/131.0");
  await first.goto(link);
  await first.locator("#password").fill("a long enough password");
  await first.getByTestId("sign-in").click();
  await first.waitForURL("**/o/gent/**");
  const others: Page[] = [];
  for (const agent of ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "strange"]) {
    const p = await open(agent);
    await p.goto(`${sandbox.server.url}/sign-in`);
    await p.getByLabel("E-mail address").fill(email);
    await p.getByLabel("Password").fill("a long enough password");
    await p.getByTestId("sign-in").click();
    await p.waitForURL("**/o/gent/**");
    others.push(p);
  }
  await profile(sandbox, first);
  const lines = first.locator("table tbody tr");
  await expect(lines).toHaveCount(3);
  await expect(lines.filter({ hasText: "Firefox · Windows" })).toContainText("This one");
  await first.getByRole("button", { name: "Sign out Safari · iPhone" }).click();
  await expect(lines).toHaveCount(2);
  const who = (p: Page) => p.request.post(`${sandbox.server.url}/api/desk/who`, { data: {} }).then((a) => a.status());
  expect([await who(first), await who(others[0]!), await who(others[1]!)]).toEqual([200, 401, 200]);
  await first.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(lines).toHaveCount(1);
  expect(await who(others[1]!)).toBe(401);
  await first.getByLabel("Your password now").fill("a guess of somebody");
  await first.getByLabel("New password").fill("another long password");
  await first.getByRole("button", { name: "Change password" }).click();
  await expect(first.getByText("This is not your password.")).toBeVisible();
  await first.getByLabel("Your password now").fill("a long enough password");
  await first.getByRole("button", { name: "Change password" }).click();
  await expect(first.locator("main .said")).toHaveText("Changed. You are signed out everywhere else.");
  for (const p of [first, ...others]) await p.context().close();
});

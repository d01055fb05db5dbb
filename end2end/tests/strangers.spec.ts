/** The pages for strangers: HTML with a small script, and nothing of the browser's program. */
import { expect } from "@playwright/test";
import { test } from "./sandbox";
import { watchErrors } from "./support";

test("the pages for strangers fetch nothing of the program; a page of the desk does", async ({ sandbox, page }) => {
  const programs: string[] = [];
  page.on("request", (request) => {
    if (/\.(wasm|js)\b/.test(request.url())) programs.push(request.url());
  });
  const errors = watchErrors(page);
  const open = async (path: string) => {
    await page.goto(new URL(path, sandbox.server.url).href);
    await expect(page.locator("html[data-ready]")).toBeAttached();
  };
  for (const path of ["/sign-in", "/forgot", "/forms/gent/intake", "/forms/unsubscribe/x", sandbox.keys.sign_in["client"]!]) await open(path);
  await sandbox.signIn(page, "client");
  for (const path of ["/portal", "/second-factor", "/recovery-codes"]) await open(path);
  expect(programs).toEqual([]);
  expect(errors).toEqual([]);
  // a link from the desk to one of them asks for a whole page
  await sandbox.signIn(page, "employee");
  await sandbox.open(page, "/o/gent/profile");
  expect(programs.some((url) => url.endsWith(".wasm"))).toBe(true);
  programs.length = 0;
  await page.getByRole("link", { name: "Set up" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Set up your second factor");
  expect(programs).toEqual([]);
});

test("an unknown address is told so without the program, to whoever asks", async ({ sandbox, page }) => {
  const programs: string[] = [];
  page.on("request", (request) => {
    if (/\.(wasm|js)\b/.test(request.url())) programs.push(request.url());
  });
  for (const role of ["", "employee"]) {
    if (role) await sandbox.signIn(page, role);
    programs.length = 0;
    for (const path of ["/nowhere", "/o/gent/nowhere"]) {
      const answer = await page.goto(new URL(path, sandbox.server.url).href);
      expect(answer?.status()).toBe(404);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not here");
    }
    expect(programs).toEqual([]);
  }
});

test("whoever chooses a language while typing keeps what they typed; whoever made a mistake is led to it", async ({ sandbox, page }) => {
  await page.goto(`${sandbox.server.url}/forms/gent/intake`);
  await page.getByLabel("Company").fill("Bakery");
  await page.getByLabel("E-mail address").fill("nora at bakery");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.locator("#name-note")).toHaveText("Fill this in.");
  await expect(page.getByLabel("Your name")).toBeFocused();
  await page.locator("#name").fill("Nora");
  const language = page.getByLabel("Language");
  await language.focus();
  await language.selectOption("nl");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Klant worden");
  await expect(page.locator("html")).toHaveAttribute("lang", "nl");
  // what was refused is said in it, too
  await expect(page.locator("#email-note")).toHaveText("Dit is geen e-mailadres.");
  for (const [field, typed] of [["company", "Bakery"], ["name", "Nora"], ["email", "nora at bakery"]] as const) await expect(page.locator(`#${field}`)).toHaveValue(typed);
  await expect(page.locator(".language select")).toBeFocused();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Klant worden");
});

test("a form that cannot be sent says so at once, and can be sent again", async ({ sandbox, page }) => {
  await page.goto(`${sandbox.server.url}/sign-in`);
  await page.getByLabel("E-mail address").fill("nobody@halden-vos.example");
  await page.getByLabel("Password").fill("not the password");
  await page.route("**/api/**", (route) => route.abort());
  const button = page.getByTestId("sign-in");
  await button.click();
  await expect(page.getByRole("alert")).toContainText("The connection dropped.");
  await page.unroute("**/api/**");
  let [asked, go] = [0, () => {}];
  const held = new Promise<void>((resume) => (go = resume));
  await page.route("**/api/**", async (route) => {
    asked++;
    await held;
    await route.continue();
  });
  await button.click();
  await expect(button).toBeDisabled();
  await page.locator("#password").press("Enter");
  go();
  await expect(page.getByRole("alert")).toHaveText("The e-mail address or the password is not right.");
  await expect(button).toBeEnabled();
  expect(asked).toBe(1);
});

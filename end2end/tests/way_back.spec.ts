/** A link that is followed while signed out is reached after the sign-in, and no link leads to another place. */
import { expect, type Page } from "@playwright/test";
import { NORA, PASSWORD, begin, follow } from "./first_desk";
import { test } from "./sandbox";
import { startServer } from "./support";
import { giveCode, type App } from "./totp";

const THERE = "/o/kantoor-noord/tasks?status=failed%2Caction_required&q=a%26b%20%C3%A9";

async function signIn(page: Page, app: App): Promise<void> {
  await page.getByLabel("E-mail address").fill(NORA.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByTestId("sign-in").click();
  await giveCode(page, app);
}

test("a link followed while signed out is reached after password and code, with and without scripts, path and query", async ({ page, browser }) => {
  const server = await startServer();
  const { app } = await begin(page, server);
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ javaScriptEnabled });
    const visitor = await context.newPage();
    await visitor.goto(server.url + THERE);
    await expect(visitor).toHaveURL(/\/sign-in\?to=/);
    // a wrong password does not lose it
    await visitor.getByLabel("E-mail address").fill(NORA.email);
    await visitor.getByLabel("Password").fill("not the password");
    await visitor.getByTestId("sign-in").click();
    await expect(visitor.getByText("The e-mail address or the password is not right.")).toBeVisible();
    await signIn(visitor, app);
    await expect(visitor).toHaveURL(server.url + THERE);
    await context.close();
  }

  // a session that ends while a page is open
  await page.goto(server.url + THERE);
  await page.context().clearCookies();
  await page.reload();
  await expect(page).toHaveURL(/\/sign-in\?to=/);
  await signIn(page, app);
  await expect(page).toHaveURL(server.url + THERE);
  await server.kill();
});

test("a link for somebody new leads on as well", async ({ page, browser }) => {
  const server = await startServer();
  const { link } = await begin(page, server);
  const sam = await (await browser.newContext()).newPage();
  await follow(sam, `${link}?to=${encodeURIComponent("/o/kantoor-noord/offices")}`);
  await expect(sam).toHaveURL(`${server.url}/o/kantoor-noord/offices`);
  await server.kill();
});

test("no link leads through the sign-in to another place", async ({ page }) => {
  const server = await startServer();
  const { app } = await begin(page, server);
  const places = ["//evil.example/o/x", "/\\evil.example", "\\\\evil.example", "https://evil.example/o/x", "javascript:alert(1)", "/o/..//evil.example", "/\t/evil.example", "/api/desk/sign_out", "/o/x\r\nLocation: https://evil.example"];
  for (const to of places) {
    // by hand, as no browser would: the answer itself must lead nowhere else
    const answer = await page.request.post(`${server.url}/api/desk/sign_in`, {
      form: { email: NORA.email, password: PASSWORD, to },
      headers: { accept: "text/html" },
      maxRedirects: 0,
    });
    expect(answer.status(), to).toBe(302);
    expect(answer.headers()["location"], to).toBe("/second-factor");
  }
  // the password ended the session; what is left of it is the code
  await page.goto(`${server.url}/second-factor`);
  await giveCode(page, app);
  for (const to of places) {
    await page.goto(`${server.url}/?to=${encodeURIComponent(to)}`);
    await expect(page, to).toHaveURL(`${server.url}/o/kantoor-noord/clients`);
  }
  await server.kill();
});

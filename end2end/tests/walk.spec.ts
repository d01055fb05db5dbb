/** A first visit: what somebody sees within a minute of the first start. */
import { expect } from "@playwright/test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { axe, demo, signIn, startServer, watchErrors } from "./support";
import { begin } from "./first_desk";
import { officePages } from "./pages";
import { ACTIVATE, Sandbox, alive, failed, row, settled, test } from "./sandbox";
import { giveCode } from "./totp";

test("a fresh demo is ready within a minute and leaves the keys in a file that only its owner can read", async ({ sandbox }) => {
  const began = Date.now();
  const server = await startServer({ demo: true });
  expect(Date.now() - began).toBeLessThan(60_000);
  const file = join(server.dir, "demo.json");
  expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
  const keys = JSON.parse(readFileSync(file, "utf8"));
  const token = (prefix: string) => expect.stringMatching(new RegExp(`^${prefix}_[\\w-]{40,}$`));
  const link = expect.stringMatching(new RegExp(`^${server.url}/sign-in/nws_[\\w-]{40,}$`));
  expect(keys).toEqual({
    base_url: server.url,
    // somebody of each role in each office, and Support
    sign_in: Object.fromEntries(["support", ...["", "_no", "_sandbox"].flatMap((office) => ["admin", "operator", "employee", "client"].map((role) => role + office))].map((key) => [key, link])),
    sandbox: { connector_tokens: [token("nwc"), token("nwc")], integration_token: token("nwi") },
  });
  // the links are printed for people too; another start has other keys
  for (const address of Object.values(keys.sign_in)) expect(server.output()).toContain(address as string);
  expect(keys.sandbox.integration_token).not.toBe(sandbox.keys.sandbox.integration_token);
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  await server.kill();
});

test("one click from the link to Follow-up, with work of all five packages in orange and red, within a minute", async ({ sandbox, page }) => {
  const began = Date.now();
  await page.goto(sandbox.keys.sign_in["operator"]!);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welcome, Omar Diallo");
  await page.getByRole("button", { name: "Sign in as Omar Diallo" }).click();
  await page.waitForURL("**/o/gent/tasks");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Follow-up of tasks");
  await settled(sandbox.server, page);
  await alive(page);
  const groups = page.locator("section.grp > header");
  for (const [title, packageName] of [
    ["Open booking period 2018-02", "Adsolut"], ["Reopen VAT period 2017-09 and 2017-12", "WinBooks"], ["Upgrade the database of Dr. Hendrickx", "Wings"],
    ["Remove the payment on 2026-0412", "Expert-M"], ["Make the database of Lambrecht Bouw available again", "Expert-M"],
    ["Give the connector user access to XYZ Consult", "Exact Online"],
  ]) {
    await expect(groups.filter({ hasText: title }).filter({ hasText: packageName })).toHaveCount(1);
  }
  await expect(page.locator("li.tr[data-state=action_required]")).not.toHaveCount(0);
  await expect(page.locator("li.tr[data-state=failed]")).not.toHaveCount(0);
  expect(Date.now() - began).toBeLessThan(60_000);
});

test("the connectors visibly work: a queued task is picked up and done before one's eyes, without a reload", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  await page.goto(`${sandbox.server.url}/o/gent/tasks?status=queued,running`);
  await alive(page);
  let loads = 0;
  page.on("load", () => loads++);
  // what the lines on the screen turn into, in place
  await page.evaluate(() => {
    const became: Record<string, string[]> = ((window as any).became = {});
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const line = target as HTMLElement;
        (became[line.dataset["task"]!] ??= []).push(line.dataset["state"]!);
      }
    }).observe(document.body, { subtree: true, attributeFilter: ["data-state"] });
  });
  // new ones are shown as soon as they arrive; one of them is picked up and done
  await expect.poll(async () => {
    await page.keyboard.press(".");
    const became: Record<string, string[]> = await page.evaluate(() => (window as any).became);
    return Object.values(became).some((states) => states.includes("succeeded"));
  }, { timeout: 50_000, intervals: [500] }).toBe(true);
  expect(loads).toBe(0);
});

test("[S10.2, X1.1] the demo is one setting: without it there is no demo office, and nobody can sign in before the first admin", async ({ page }) => {
  const server = await startServer();
  expect(() => demo(server)).toThrow();
  const link = /http:\/\/\S+\/first-admin\/\S+/.exec(server.output())?.[0];
  expect(link).toBeTruthy();
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail address").fill("lotte@halden-vos.example");
  await page.getByLabel("Password").fill("a long enough password");
  await page.getByTestId("sign-in").click();
  await expect(page.getByText("The e-mail address or the password is not right.")).toBeVisible();
  await page.goto(`${server.url}/o/gent/tasks`);
  await expect(page).toHaveURL(/\/sign-in\b/);
  await expect(page.getByTestId("sign-in")).toBeVisible();
  const { app } = await begin(page, server);
  await page.waitForURL("**/clients");
  await expect(page.getByText("Kantoor Noord").first()).toBeVisible();
  await page.goto(`${server.url}/o/kantoor-noord/tasks`);
  await expect(page.getByRole("heading", { name: "Nothing needs you" })).toBeVisible();
  for (const office of ["gent", "kristiansand", "sandbox"]) expect((await page.goto(`${server.url}/o/${office}/tasks`))!.status(), office).toBe(404);
  // the link is used up; the password works
  expect((await page.request.get(link!)).status()).toBe(404);
  await page.context().clearCookies();
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail address").fill("nora@noord.example");
  await page.getByLabel("Password").fill("a long enough password");
  await page.getByTestId("sign-in").click();
  await giveCode(page, app);
  await page.waitForURL("**/clients");
  await server.kill();
});

test("every page reads without a script", async ({ sandbox, browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(sandbox.keys.sign_in["operator"]!);
  await page.getByRole("button", { name: "Sign in as Omar Diallo" }).click();
  await page.waitForURL("**/o/gent/tasks");
  await settled(sandbox.server, page);
  const line = row(page, "1");
  await expect(line).toContainText("Bakkerij De Smet");
  await line.locator("a").click();
  await expect(page.locator("#detail h2").first()).toHaveText("Open booking period 2018-02 · Adsolut");
  await expect(page.locator("#detail .todo ol > li")).toHaveCount(3);
  await page.getByRole("link", { name: "The task’s whole life" }).click();
  await expect(page.locator("ol.hist > li")).not.toHaveCount(0);
  await page.locator(".nav a[href$='/tasks']").click();
  await page.locator("[data-chip=failed]").click();
  await expect(page.locator("li.tr[data-state=failed]")).toHaveCount(0);
  await expect(page.locator("[data-chip=action_required] .num")).toHaveText(/^[1-9]\d*$/);
  await context.close();
});

test("every page comes alive each time it is opened, without an error in the console", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "support");
  await settled(sandbox.server, page);
  const errors = watchErrors(page);
  const tasks = ["tasks", "tasks?task=1", "tasks/1", "tasks?status=queued,running,succeeded&package=adsolut"];
  const others = ["clients", "dossiers/BAKSM", "causes", "instructions", "instructions/adsolut/period_not_open", "connectors", "alerts", "users", "audit", "settings", "profile", "downtime", "mail", "requests"];
  const paths = [...tasks, ...others, ...tasks].map((path) => `/o/gent/${path}`);
  // of the program server every page; and a list that a kind keeps, where there is nothing to keep in it too
  for (const { path } of await officePages(sandbox, page)) paths.push(path);
  for (const office of ["kristiansand", "sandbox"]) paths.push(`/o/${office}/jobs/kinds?list=exchange_rates`);
  for (const path of paths) {
    await page.goto(sandbox.server.url + path);
    await alive(page);
    expect(errors, path).toEqual([]);
  }
});

test("nothing is asked of another host, on any page", async ({ sandbox, page }) => {
  const hosts = new Set<string>();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  const errors = watchErrors(page);
  await page.goto(`${sandbox.server.url}/sign-in`);
  await sandbox.signIn(page, "admin");
  await settled(sandbox.server, page);
  await row(page, "1").locator("a").click();
  await expect(page.locator("#detail h2").first()).toBeVisible();
  await page.getByRole("link", { name: "The task’s whole life" }).click();
  await expect(page.locator("ol.hist")).toBeVisible();
  expect([...hosts]).toEqual([new URL(sandbox.server.url).host]);
  expect(errors).toEqual([]);
});

for (const [where, viewport] of [["a desk", { width: 1440, height: 900 }], ["a phone", { width: 390, height: 844 }]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`on ${where}, ${colorScheme}: no page has a barrier for anybody, nor an error`, async ({ sandbox, browser }) => {
      const context = await browser.newContext({ viewport, colorScheme });
      const page = await context.newPage();
      const errors = watchErrors(page);
      await page.goto(`${sandbox.server.url}/sign-in`);
      await axe(page);
      await page.goto(sandbox.keys.sign_in["admin"]!);
      await axe(page);
      await signIn(page, "admin", sandbox.keys);
      await settled(sandbox.server, page);
      for (const path of ["/o/gent/tasks", "/o/gent/tasks?task=1", "/o/gent/tasks?task=11", "/o/gent/tasks/1", "/o/gent/tasks?status=cancelled"]) {
        await page.goto(sandbox.server.url + path);
        await alive(page);
        await axe(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), `${path} scrolls sideways`).toBeLessThanOrEqual(viewport.width);
      }
      expect(errors).toEqual([]);
      await page.goto(`${sandbox.server.url}/no/such/page`);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not here");
      await axe(page);
      await context.close();
    });
  }
}

test("the tab keeps its name while the page's part of the program comes, and from page to page", async ({ sandbox, page }) => {
  await page.addInitScript(() => {
    const names: string[] = ((window as any).names = []);
    const note = () => names.at(-1) !== document.title && names.push(document.title);
    document.addEventListener("DOMContentLoaded", () => {
      note();
      new MutationObserver(note).observe(document.head, { subtree: true, childList: true, characterData: true });
    });
  });
  const names = () => page.evaluate(() => (window as any).names as string[]);
  await page.goto(`${sandbox.server.url}/sign-in`);
  await expect.poll(() => page.locator("form").count()).toBeGreaterThan(0);
  expect(await names()).toEqual(["Sign in · Nachtwacht"]);
  await sandbox.signIn(page, "admin");
  await sandbox.open(page, "/o/gent/tasks");
  expect(await names()).toEqual(["Follow-up of tasks · Nachtwacht"]);
  await page.getByRole("link", { name: "Active clients" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Active clients" })).toBeVisible();
  expect(await names()).toEqual(["Follow-up of tasks · Nachtwacht", "Active clients · Nachtwacht"]);
});

test("in the sandbox a developer's own connector shows up at once", async ({ page }) => {
  const sandbox = new Sandbox(await startServer({ demo: true }));
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  await expect(page.getByRole("heading", { name: "Nothing needs you" })).toBeVisible();
  await sandbox.hello();
  await sandbox.fail({ kind: ACTIVATE, dossier: "MINE", payload: { name: "My first dossier", package: "adsolut" } }, failed("dossier_code_wrong"));
  await page.getByRole("button", { name: "1 new Show" }).click();
  await expect(page.locator("li.tr")).toContainText("My first dossier");
  await sandbox.server.kill();
});

/** A desk that is not the demo, begun as its people begin it: by the printed link and the page behind it. */
import { expect, type Page } from "@playwright/test";
import { type Server } from "./support";
import { enrol, type App } from "./totp";

export const PASSWORD = "a long enough password";

/** Who the first people are, unless a test says otherwise. */
export const NORA = { name: "Nora Noord", email: "nora@noord.example" };
export const SAM = { name: "Sam Sterk", email: "sam@desk.example" };

/** The link that the start printed, good once. */
export function printed(server: Server): string {
  const found = /http:\/\/\S+\/first-admin\/\S+/.exec(server.output())?.[0];
  expect(found, server.output()).toBeTruthy();
  return found!;
}

/** Types what the page of the printed link asks. */
export async function fillStart(page: Page, support: { name: string; email: string } | null = SAM): Promise<void> {
  // the code follows the name once the page is live: what is being filled then would be added to it
  await expect(page.locator("html[data-ready]")).toBeAttached();
  const fill = (label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text);
  await fill("Name of the office", "Kantoor Noord");
  await fill("Code", "kantoor-noord");
  await fill("Time zone", "Europe/Brussels");
  await fill("Your name", NORA.name);
  await fill("E-mail address", NORA.email);
  await fill("Password", PASSWORD);
  if (support === null) return page.getByLabel("There is nobody for Support yet").check();
  await fill("Name of the Support person", support.name);
  await fill("Their e-mail address", support.email);
}

/** Begins the desk, second factor included; leaves the page where the admin lands, and gives their app and the link that
 *  lets Support in. */
export async function begin(page: Page, server: Server, support: typeof SAM | null = SAM): Promise<{ app: App; link: string }> {
  await page.goto(printed(server));
  await fillStart(page, support);
  await page.getByRole("button", { name: "Create the office" }).click();
  let link = "";
  if (support !== null) {
    await expect(page.getByRole("heading", { name: "The office is set up" })).toBeVisible();
    link = (await page.locator(".secret code").textContent())!;
    await page.getByRole("link", { name: "Go on to the office" }).click();
  }
  const { app } = await enrol(page);
  await page.waitForURL("**/clients");
  return { app, link };
}

/** Follows the link for an admin or somebody of Support: chooses a password with it, and sets the second factor up. */
export async function follow(page: Page, link: string, password = PASSWORD): Promise<App> {
  await page.goto(link);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByTestId("sign-in").click();
  return (await enrol(page)).app;
}

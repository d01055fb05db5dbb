/** What a fresh pair of eyes looks at: every page enlarged, without colour, with long names, by keyboard, on paper. */
import { expect, type Page } from "@playwright/test";
import { ACTIVATE, BOOK, alive, failed, row, status, test } from "./sandbox";
import { axe } from "./support";

const CLOSED = failed("period_not_open", { period: "201802" });
const BROKEN = failed("database_error", {}, "table DOC is locked");
/** 200 characters, as long as a name may be, and no place to break it. */
const LONG = "X".repeat(200);

/** The words of an element that stand outside what is shown of it, or outside the page. */
function lost(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const out: string[] = [];
    for (const e of document.querySelectorAll<HTMLElement>("#main *")) {
      // what is folded away, on purpose for the ear only, or scrolls by itself is not lost
      if (!e.checkVisibility({ contentVisibilityAuto: true }) || e.closest(".vh, svg, .chipset, details:not([open]) > :not(summary)")) continue;
      const box = e.getBoundingClientRect();
      if (box.width > 1 && box.right > innerWidth + 1) out.push(`${e.tagName} ${e.className}: ${e.innerText.slice(0, 40)}`);
    }
    return out;
  });
}

/** The browser's program, or some of its parts, does not come before what this answers is called. */
async function withoutProgram(page: Page, parts = "**/*.wasm"): Promise<() => void> {
  let come = () => {};
  const held = new Promise<void>((done) => (come = done));
  await page.route(parts, async (route) => {
    await held;
    await route.continue();
  });
  return () => come();
}

test("what is typed before the page answers is kept, and counts", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "find-me.pdf" }, CLOSED);
  await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "not-me.pdf" }, BROKEN);
  await sandbox.signIn(page, "support");
  const come = await withoutProgram(page);
  await page.goto(`${sandbox.server.url}/o/sandbox/tasks`);
  await page.getByRole("searchbox", { name: "Search tasks" }).focus();
  await page.keyboard.type("find-me");
  come();
  await alive(page);
  await expect(page.getByRole("searchbox", { name: "Search tasks" })).toHaveValue("find-me");
  await page.keyboard.press("Enter");
  await expect(page.locator("li.tr")).toHaveCount(1);
  expect(new URL(page.url()).searchParams.get("q")).toBe("find-me");
});

test("a page lives without what opens on demand; what is pressed and typed until that comes is not lost", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "find-me.pdf" }, CLOSED);
  await sandbox.signIn(page, "support");
  const panel = await withoutProgram(page, "**/task.wasm");
  const search = await withoutProgram(page, "**/frame.wasm");
  await sandbox.open(page, "/o/sandbox/tasks");
  await row(page, id).locator("a").first().click();
  await expect(page.locator("#detail .skeleton")).toBeVisible();
  panel();
  await expect(page.locator(`#detail [data-shown="${id}"] h2`)).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.keyboard.type(`#${id}`);
  await page.keyboard.press("Enter");
  await expect(page.locator("dialog.palette .skeleton")).toBeVisible();
  search();
  await page.waitForURL(`**/o/sandbox/tasks/${id}`);
});

test("a button that is pressed before the page answers is pressed, once", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE" }, CLOSED);
  await sandbox.signIn(page, "support");
  const come = await withoutProgram(page);
  const asked: string[] = [];
  page.on("request", (r) => {
    if (r.url().endsWith("/restart")) asked.push(r.url());
  });
  await page.goto(`${sandbox.server.url}/o/sandbox/tasks?task=${id}`);
  await page.locator("#detail").getByRole("button", { name: /^Restart task/ }).click();
  expect(await sandbox.status(id)).toBe("action_required");
  come();
  await alive(page);
  await expect.poll(() => sandbox.status(id)).toBe("queued");
  // what is pressed afterwards is nobody's business but the page's
  await page.locator("#find").click();
  await expect(page.getByRole("dialog").getByRole("combobox")).toBeFocused();
  expect(asked).toHaveLength(1);
});

test("what is ticked and chosen before the page answers counts", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  await sandbox.dossiers("wings", "OTHER");
  const [id, other] = [await sandbox.fail({ kind: BOOK, dossier: "CASE" }, CLOSED), await sandbox.fail({ kind: BOOK, dossier: "CASE" }, BROKEN)];
  await sandbox.signIn(page, "support");
  let come = await withoutProgram(page);
  await page.goto(`${sandbox.server.url}/o/sandbox/tasks`);
  await row(page, id).getByRole("checkbox").check();
  await row(page, other).getByRole("checkbox").check();
  await row(page, other).getByRole("checkbox").uncheck();
  come();
  await alive(page);
  await expect(row(page, id).getByRole("checkbox")).toBeChecked();
  await expect(row(page, other).getByRole("checkbox")).not.toBeChecked();
  await expect(page.locator(".many b")).toHaveText("1 selected");
  await page.unrouteAll();
  come = await withoutProgram(page);
  await page.goto(`${sandbox.server.url}/o/sandbox/clients`);
  await page.getByLabel("Package").selectOption("wings");
  come();
  await alive(page);
  await expect(page).toHaveURL(/package=wings/);
  await expect(page.getByLabel("Package")).toHaveValue("wings");
});

test("the check of the rules sees what breaks them", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  await axe(page);
  await page.evaluate(() => {
    const main = document.querySelector("main")!;
    const add = (tag: string) => main.appendChild(document.createElement(tag));
    add("button");
    add("h5").textContent = "Too deep";
    (add("img") as HTMLImageElement).src = "/favicon.svg";
    const pale = add("p");
    pale.textContent = "pale words";
    pale.style.cssText = "color: #aaa; background: #fff";
    add("div").setAttribute("role", "checkbox");
  });
  const said = await axe(page).then(() => "", String);
  for (const rule of ["button-name", "heading-order", "image-alt", "color-contrast", "aria-required-attr"]) expect(said).toContain(`${rule}:`);
});

test("enlarged four times: no page scrolls sideways or loses words, and what stays at an edge leaves room to read", async ({ sandbox, page }) => {
  await sandbox.hello();
  await sandbox.deliver({ kind: ACTIVATE, dossier: "LONG", payload: { name: LONG, package: "adsolut" } });
  for (const task of await sandbox.claim()) await sandbox.report(task, { succeeded: {} });
  const id = await sandbox.fail({ kind: BOOK, dossier: "LONG", subject: "D".repeat(200) }, failed("a_code_as_long_as_nobody_would_write_it_who_must_read_it_too", {}, LONG));
  await sandbox.signIn(page, "support");
  // a window of 1280 by 720 at 400 %
  await page.setViewportSize({ width: 320, height: 180 });
  const pages = ["clients", "dossiers/LONG", "dossiers/LONG?tab=history", "tasks", `tasks?task=${id}`, `tasks/${id}`, "causes", "instructions",
    "instructions/adsolut/period_not_open", "connectors", "alerts", "users", "audit", "settings", "profile", "downtime", "mail", "requests"];
  for (const path of pages) {
    await sandbox.open(page, `/o/sandbox/${path}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320);
    expect(await lost(page), path).toEqual([]);
  }
  const stays = await page.evaluate(() => [...document.querySelectorAll("header.top, .tabbar")].map((e) => getComputedStyle(e).position));
  expect(stays).toEqual(["static", "static"]);
});

test("[M6.2] without colour, and in colours of the system, a status is its shape and its word", async ({ sandbox, browser }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  await sandbox.fail({ kind: BOOK, dossier: "AAA" }, CLOSED);
  await sandbox.fail({ kind: BOOK, dossier: "BBB" }, BROKEN);
  const context = await browser.newContext({ forcedColors: "active" });
  const page = await context.newPage();
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/clients");
  const line = (code: string) => page.locator("table.clients tbody tr").filter({ has: page.getByText(code, { exact: true }) });
  for (const [code, words] of [["AAA", "Open booking period 2018-02"], ["BBB", "Support is on it"], ["CCC", "Nothing to do"]] as const) {
    await expect(line(code)).toContainText(words);
  }
  // what is cut out of a shape (mark, cross, tick) differs from the shape in the system's colours too
  const drawn = await page.evaluate(() => [...document.querySelectorAll("table.clients svg.s")].map((s) => {
    const cut = s.querySelector(".cut");
    return { shape: getComputedStyle(s).color, cut: cut ? getComputedStyle(cut).stroke : "none" };
  }));
  expect(drawn.length).toBeGreaterThanOrEqual(3);
  for (const one of drawn) expect(one.cut, JSON.stringify(one)).not.toBe(one.shape);
  // which filter is on is not a matter of colour that the system takes away
  const back = (chip: string) => page.locator(`[data-chip=${chip}]`).evaluate((e) => getComputedStyle(e).backgroundColor);
  expect(await back("all")).not.toBe(await back("attention"));
  await context.close();
});

test("a red task says in sentences, not word by word, that Support is on it; its name wraps and is read whole", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const subject = "invoice-of-the-year-2018-number-0231.pdf";
  const id = await sandbox.fail({ kind: BOOK, dossier: "AAA", subject }, BROKEN);
  await sandbox.signIn(page, "support");
  await page.setViewportSize({ width: 1280, height: 720 });
  const panel = await sandbox.panel(page, id);
  const calm = panel.locator("p.calm");
  await expect(calm).toHaveText("Support is on it. You do not need a ticket.");
  expect((await calm.boundingBox())!.width).toBeGreaterThan(300);
  await sandbox.dossiers("adsolut", "CALM");
  await sandbox.open(page, "/o/sandbox/dossiers/CALM");
  const done = page.getByTestId("calm").getByRole("heading");
  await expect(done).toHaveText("All tasks in this dossier are done");
  expect((await done.boundingBox())!.height).toBeLessThan(40);
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await sandbox.open(page, "/o/sandbox/tasks");
    const cut = await row(page, id).locator(".ty").evaluate((e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight + 1);
    expect(cut, `at ${width}`).toBe(false);
  }
});

test("by keyboard a line's panel has the focus at once, keeps it when it changes, and gives it back", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  const ids = [];
  for (const dossier of ["AAA", "BBB"]) ids.push(await sandbox.fail({ kind: BOOK, dossier }, CLOSED));
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  const heading = page.locator("#detail h2").first();
  const link = row(page, ids[0]!).locator("a.ty");
  await link.focus();
  await page.keyboard.press("Enter");
  await expect(heading).toHaveText("Open booking period 2018-02 · Adsolut");
  await expect(heading).toBeFocused();
  await page.locator("#detail").getByRole("button", { name: /^Restart task/ }).focus();
  await page.keyboard.press("Enter");
  await expect(status(page)).toHaveText("Queued");
  await expect(heading).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page).not.toHaveURL(/task=/);
  await expect(link).toBeFocused();
});

test("the panel stays beside its line, however far down the list that is", async ({ sandbox, page }) => {
  const codes = Array.from({ length: 40 }, (_, n) => `D${n}`);
  await sandbox.dossiers("adsolut", ...codes);
  await sandbox.deliver(...codes.map((dossier) => ({ kind: BOOK, dossier })));
  const tasks = await sandbox.claim();
  for (const task of tasks) await sandbox.report(task, CLOSED);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  const last = page.locator("li.tr").last();
  await last.locator("a.ty").click();
  await expect(page.locator("#detail h2").first()).toBeInViewport();
  await expect(page.locator("#detail").getByRole("button", { name: /^Restart task/ })).toBeInViewport();
  // choosing a line for work on many brings the buttons for it into sight, and moves no line
  const before = (await last.boundingBox())!.y;
  await last.getByRole("checkbox").click();
  await expect(page.locator("[data-bulk=restart]")).toBeInViewport();
  expect(Math.abs((await last.boundingBox())!.y - before)).toBeLessThanOrEqual(1);
});

test("on paper the lists are tables with their words", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  const id = await sandbox.fail({ kind: BOOK, dossier: "AAA" }, CLOSED);
  await sandbox.signIn(page, "support");
  // as wide as an upright sheet leaves
  await page.setViewportSize({ width: 690, height: 1000 });
  await sandbox.open(page, "/o/sandbox/clients");
  await page.emulateMedia({ media: "print" });
  const cells = page.locator("table.clients tbody tr").first().locator("th, td");
  const boxes = await cells.evaluateAll((all) => all.map((c) => c.getBoundingClientRect()).filter((b) => b.width > 0).map((b) => ({ top: Math.round(b.top), left: b.left, right: b.right })));
  expect(boxes.length).toBeGreaterThanOrEqual(5);
  expect(new Set(boxes.map((b) => b.top)).size, "cells of a line stand side by side").toBe(1);
  for (const [n, b] of boxes.slice(1).entries()) expect(b.left).toBeGreaterThanOrEqual(boxes[n]!.right - 1);
  await page.emulateMedia({ media: null });
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.emulateMedia({ media: "print" });
  const line = row(page, id);
  await expect(line.locator(".mark")).toContainText("Action required");
  const tops = await line.locator(".ty, .dd, time").evaluateAll((all) => all.map((e) => Math.round(e.getBoundingClientRect().top / 12)));
  expect(new Set(tops).size).toBe(1);
});

test("on a phone Support changes the office", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "support");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${sandbox.server.url}/o/gent/tasks`);
  await alive(page);
  await page.getByText("More", { exact: true }).click();
  await page.locator(".tabbar").getByRole("link", { name: "Sandbox" }).click();
  await page.waitForURL("**/o/sandbox/tasks");
});

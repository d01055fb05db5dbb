/** Follow-up of tasks: filters in the address, work on many, what people say of tasks, and what goes wrong. */
import { expect, type Page } from "@playwright/test";
import { BOOK, SYNC, alive, failed, holdBack, row, status, test, type Sandbox } from "./sandbox";
import { DAY, HOUR, test as rehearsed } from "./clock";
import { axe, watchErrors } from "./support";

const CLOSED = failed("period_not_open", { period: "201802" });

/** `n` tasks that stop with the same cause; gives their ids. */
async function stop(sandbox: Sandbox, n: number, outcome = CLOSED, prefix = "F"): Promise<string[]> {
  const codes = Array.from({ length: n }, (_, i) => `${prefix}${String(i).padStart(3, "0")}`);
  for (let i = 0; i < n; i += 100) await sandbox.dossiers("adsolut", ...codes.slice(i, i + 100));
  const ids: string[] = [];
  for (let i = 0; i < n; i += 100) {
    const some = codes.slice(i, i + 100);
    ids.push(...(await sandbox.deliver(...some.map((c) => ({ kind: BOOK, dossier: c, subject: `${c}.pdf` })))));
    for (const task of await sandbox.claim()) await sandbox.report(task, outcome);
  }
  return ids;
}

const query = (page: Page) => new URL(page.url()).searchParams;

test("[T13.2] every part of the filter is in the address, and back from it", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "ADSO");
  await sandbox.dossiers("wings", "WING");
  const adsolut = await sandbox.fail({ kind: BOOK, dossier: "ADSO", subject: "A-1.pdf" }, CLOSED);
  const wings = await sandbox.fail({ kind: SYNC, dossier: "WING" }, failed("database_error"));
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await expect(page.locator("li.tr")).toHaveCount(2);

  const filters = page.locator(".filters");
  await filters.locator("summary").click();
  await filters.getByLabel("Package").selectOption({ label: "Adsolut" });
  await expect.poll(() => query(page).get("package")).toBe("adsolut");
  await expect(page.locator("li.tr")).toHaveCount(1);
  await expect(row(page, adsolut)).toBeVisible();
  await page.reload();
  await expect(row(page, adsolut)).toBeVisible();
  await expect(row(page, wings)).toHaveCount(0);
  // taken away with the cross of its token
  await page.locator("[data-token=package]").click();
  await expect(page.locator("li.tr")).toHaveCount(2);

  const search = page.locator("#main").getByRole("searchbox");
  for (const [part, value, shown, choose] of [
    ["kind", SYNC, wings, () => filters.getByLabel("Type").selectOption(SYNC)],
    ["code", "period_not_open", adsolut, () => filters.getByRole("combobox", { name: "Code", exact: true }).selectOption("period_not_open")],
    ["dossier", "WING", wings, async () => { await filters.getByRole("textbox", { name: "Dossier" }).fill("WING"); await page.keyboard.press("Tab"); }],
    ["q", "A-1", adsolut, async () => { await search.fill("A-1"); await search.press("Enter"); }],
    ["q", wings, wings, async () => { await search.fill(wings); await search.press("Enter"); }],
  ] as const) {
    await sandbox.open(page, "/o/sandbox/tasks");
    await expect(page.locator("li.tr")).toHaveCount(2);
    await filters.locator("summary").click();
    await choose();
    await expect.poll(() => query(page).get(part)).toBe(value);
    await expect(page.locator("li.tr"), part).toHaveCount(1);
    await expect(row(page, shown), part).toBeVisible();
    await page.reload();
    await alive(page);
    await expect(page.locator("li.tr"), part).toHaveCount(1);
    await expect(row(page, shown), part).toBeVisible();
  }
  await sandbox.open(page, "/o/sandbox/tasks?age=1d");
  await expect(page.locator("li.tr")).toHaveCount(0);
  await page.getByRole("link", { name: "Clear the filter" }).first().click();
  await expect(page.locator("li.tr")).toHaveCount(2);
});

rehearsed("[T13.2] the filter by age finds what has waited that long, and only that", async ({ watch, page }) => {
  const [old] = await stop(watch, 1, CLOSED, "OLD");
  await watch.clock.set(watch.clock.now() + DAY + HOUR);
  const [fresh] = await stop(watch, 1, CLOSED, "NEW");
  await watch.signIn(page, "admin_sandbox");
  await watch.open(page, "/o/sandbox/tasks");
  await expect(row(page, fresh!)).toBeVisible();
  await page.locator(".filters summary").click();
  await page.locator(".filters").getByLabel("Waiting").selectOption({ label: "More than a day" });
  await expect.poll(() => query(page).get("age")).toBe("1d");
  await expect(page.locator("li.tr")).toHaveCount(1);
  await expect(row(page, old!)).toBeVisible();
  await page.reload();
  await alive(page);
  await expect(page.locator("li.tr")).toHaveCount(1);
  await expect(row(page, old!)).toBeVisible();
});

test("[T13.3] nonsense and stale links show something sensible and break nothing", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await stop(sandbox, 1);
  await sandbox.signIn(page, "admin_sandbox");
  for (const [address, shown] of [
    ["status=purple", 1],
    ["status=failed,failed,%00&age=9y&connector=x", 0],
    ["rows=99999999999999999999", 1],
    ["task=999999999", 1],
    ["task=abc&bulk=zzz", 1],
    ["bulk=4711", 1],
    ["colour=blue&status=", 1],
  ] as const) {
    await sandbox.open(page, `/o/sandbox/tasks?${address}`);
    await expect(page.getByRole("heading", { level: 1 }), address).toHaveText("Follow-up of tasks");
    await expect(page.locator("li.tr"), address).toHaveCount(shown);
  }
  for (const address of ["package=nobody", `q=${"x".repeat(3000)}`, "q=%22%20OR%20*%20NEAR(", "dossier=%3Cscript%3E", "status=succeeded&q=%22*%22"]) {
    await sandbox.open(page, `/o/sandbox/tasks?${address}`);
    await expect(page.getByText("No task matches this filter."), address).toBeVisible();
  }
  // the browser's own note that there is no work 4711
  expect(errors.filter((e) => !/ 404 .*\/bulk_progress\)$/.test(e))).toEqual([]);
});

test("[T18.1] what is selected is counted first, done, and each refusal is told row by row", async ({ sandbox, page, browser }) => {
  const ids = await stop(sandbox, 4);
  const red = (await stop(sandbox, 1, failed("database_error"), "R"))[0]!;
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await row(page, ids[0]!).getByRole("checkbox").click();
  await row(page, ids[3]!).getByRole("checkbox").click({ modifiers: ["Shift"] });
  await row(page, red).getByRole("checkbox").click();
  const bar = page.locator(".many");
  await expect(bar.locator("b")).toHaveText("5 selected");
  await bar.getByRole("button", { name: "Pass to Support" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading")).toHaveText("Pass 4 tasks to Support");
  await expect(dialog).toContainText("1 more cannot");
  // while the person reads this, a colleague restarts one of them
  const other = await (await browser.newContext()).newPage();
  await sandbox.signIn(other, "admin_sandbox");
  await sandbox.panel(other, ids[1]!);
  await other.locator("#detail").getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(other)).toHaveText("Queued");
  await dialog.getByLabel(/^Note/).fill("Nobody here may open periods.");
  await dialog.getByTestId("confirm-bulk").click();
  const progress = page.getByTestId("bulk");
  await expect(progress).toHaveAttribute("data-ended", "true");
  await expect(progress).toContainText("3 of 5 done.");
  await progress.locator("summary").click();
  await expect(progress.locator("li", { hasText: ids[1]! })).toContainText("Somebody was faster");
  await expect(progress.locator("li", { hasText: red })).toContainText("Somebody was faster");
  await expect(row(page, ids[0]!)).toHaveAttribute("data-state", "failed");
  expect(await sandbox.status(ids[1]!)).toBe("queued");
  // the work is in the address: a reload still tells of it
  await page.reload();
  await expect(page.getByTestId("bulk")).toContainText("3 of 5 done.");
  await other.context().close();
});

test("[T18.2] all that match, also those not shown, are released gradually", async ({ sandbox, page }) => {
  test.slow();
  const ids = await stop(sandbox, 230);
  await sandbox.dossiers("wings", "WING");
  const other = await sandbox.fail({ kind: SYNC, dossier: "WING" }, failed("database_version_outdated"));
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks?package=adsolut");
  await expect(page.locator("li.tr")).toHaveCount(100);
  await row(page, ids[0]!).getByRole("checkbox").click();
  await page.locator(".many").getByLabel("Also those not shown").check();
  await page.locator(".many").getByRole("button", { name: "Restart", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading")).toHaveText("Restart 230 tasks");
  await expect(dialog).toContainText("20 go now");
  await dialog.getByTestId("confirm-bulk").click();
  await expect(page.getByTestId("bulk")).toContainText("20 of 230 done.");
  // a connector takes those twenty: the next twenty follow
  const taken = await sandbox.claim();
  expect(taken).toHaveLength(20);
  await expect(page.getByTestId("bulk")).toContainText("40 of 230 done.");
  for (const task of taken) await sandbox.report(task);
  let left = 210;
  while (left > 0) {
    const more = await sandbox.claim(0, { wait_seconds: 5 });
    expect(more.length).toBeLessThanOrEqual(20);
    for (const task of more) await sandbox.report(task);
    left -= more.length;
  }
  await expect(page.getByTestId("bulk")).toContainText("230 of 230 done.");
  await expect(page.getByTestId("bulk")).toHaveAttribute("data-ended", "true");
  expect(await sandbox.status(other)).toBe("action_required");
});

test("[T18.2] work on many goes on where it was after a crash", async ({ sandbox, page }) => {
  const ids = await stop(sandbox, 30);
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.keyboard.press("j");
  await expect(row(page, ids[0]!)).toHaveClass(/sel/);
  await page.keyboard.press("Shift+R");
  await expect.poll(async () => (await Promise.all(ids.map((id) => sandbox.status(id)))).filter((s) => s === "queued").length).toBe(20);
  await sandbox.crash();
  await sandbox.hello();
  for (const task of await sandbox.claim()) await sandbox.report(task);
  await expect.poll(async () => (await Promise.all(ids.map((id) => sandbox.status(id)))).filter((s) => s === "action_required").length).toBe(0);
});

test("[T18.3, T18.4] an admin hands all that match over to Support with a note, also those not shown, and cancels them all; the count comes first", async ({ sandbox, page }) => {
  test.slow();
  const ids = await stop(sandbox, 130);
  await sandbox.dossiers("wings", "WING");
  const other = await sandbox.fail({ kind: SYNC, dossier: "WING" }, failed("database_version_outdated"));
  await sandbox.signIn(page, "admin_sandbox");
  const standing = async () => [...new Set(await Promise.all(ids.map((id) => sandbox.status(id))))];
  const all = async (verb: string, heading: string, note?: string) => {
    await expect(page.locator("li.tr")).toHaveCount(100);
    await page.locator("li.tr").first().getByRole("checkbox").click();
    await page.locator(".many").getByLabel("Also those not shown").check();
    await page.locator(".many").getByRole("button", { name: verb }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("heading")).toHaveText(heading);
    await expect(dialog.getByText("more cannot")).toBeHidden();
    if (note) await dialog.getByLabel(/^Note/).fill(note);
    await dialog.getByTestId("confirm-bulk").click();
    await expect(page.getByTestId("bulk")).toContainText("130 of 130 done.");
    await expect(page.getByTestId("bulk")).toHaveAttribute("data-ended", "true");
  };

  await sandbox.open(page, "/o/sandbox/tasks?package=adsolut");
  await all("Pass to Support", "Pass 130 tasks to Support", "Nobody here may open periods.");
  expect(await standing()).toEqual(["failed"]);
  // the note is at each, also at one that was not shown
  await sandbox.panel(page, ids[0]!);
  await expect(page.locator("#detail .mark-line")).toHaveText("Ada Baas writes: Nobody here may open periods.");
  await sandbox.panel(page, ids[129]!);
  await expect(page.locator("#detail .mark-line")).toHaveText("Ada Baas writes: Nobody here may open periods.");

  await sandbox.open(page, "/o/sandbox/tasks?package=adsolut");
  await all("Cancel tasks", "Cancel 130 tasks");
  expect(await standing()).toEqual(["cancelled"]);
  expect(await sandbox.status(other)).toBe("action_required");
});

test("[T18.5] an employee's work on many counts and changes only tasks of the dossiers that they manage", async ({ sandbox, page }) => {
  test.slow();
  const mine = await stop(sandbox, 103, CLOSED, "M");
  const others = await stop(sandbox, 3, CLOSED, "O");
  await sandbox.manages("employee", ...mine.map((_, n) => `M${String(n).padStart(3, "0")}`));
  await sandbox.signIn(page, "employee_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await expect(page.locator("li.tr")).toHaveCount(100);
  await page.locator("li.tr").first().getByRole("checkbox").click();
  await page.locator(".many").getByLabel("Also those not shown").check();
  await page.locator(".many").getByRole("button", { name: "Restart", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading")).toHaveText("Restart 103 tasks");
  await expect(dialog.getByText("more cannot")).toBeHidden();
  await dialog.getByTestId("confirm-bulk").click();
  for (let left = mine.length; left > 0; ) {
    const taken = await sandbox.claim(0, { wait_seconds: 10 });
    expect(taken.length).toBeGreaterThan(0);
    for (const task of taken) {
      expect(mine).toContain(task.id);
      await sandbox.report(task);
    }
    left -= taken.length;
  }
  await expect(page.getByTestId("bulk")).toContainText("103 of 103 done.");
  expect(new Set(await Promise.all(mine.map((id) => sandbox.status(id))))).toEqual(new Set(["succeeded"]));

  // named one by one behind the page, those of others are as if they were not there
  const ask = (name: string, data: object) => page.request.post(`${sandbox.server.url}/api/desk/${name}`, { data: { office: "sandbox", ...data } });
  const call = (name: string, data: object) => ask(name, { verb: "restart", which: { these: others }, ...data });
  const counted = await (await call("look_at_bulk", {})).json();
  expect(counted.can).toBe(0);
  const begun = await call("start_bulk", { counted: { ...counted, can: others.length, cannot: 0 }, note: "" });
  expect(begun.status(), await begun.text()).toBe(409);
  expect(await sandbox.claim()).toEqual([]);
  // and so they are beside one of their own
  const own = await sandbox.fail({ kind: BOOK, dossier: "M000", subject: "again.pdf" }, CLOSED);
  const which = { these: [own, ...others] };
  const both = await (await call("look_at_bulk", { which })).json();
  expect(both.can).toBe(1);
  const mixed = await call("start_bulk", { which, counted: both, note: "" });
  expect(mixed.status(), await mixed.text()).toBe(200);
  const { id } = await mixed.json();
  await expect.poll(async () => (await ask("bulk_progress", { id })).json()).toMatchObject({ ended: true, done: 1 });
  expect((await sandbox.claim()).map((t) => t.id)).toEqual([own]);
  for (const id of others) expect(await sandbox.status(id)).toBe("action_required");
});

test("the list goes on at its end, and a reload keeps the place", async ({ sandbox, page }) => {
  test.slow();
  const ids = await stop(sandbox, 205);
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await expect(page.locator("li.tr")).toHaveCount(100);
  // by its key: lines that are drawn as they are scrolled to may move it under a pointer that is quicker than any hand
  await page.getByRole("button", { name: "Show more" }).press("Enter");
  await expect(page.locator("li.tr")).toHaveCount(205);
  await expect(page.getByRole("button", { name: "Show more" })).toHaveCount(0);
  await expect.poll(() => query(page).get("rows")).toBe("205");
  await page.reload();
  await expect(row(page, ids[204]!)).toHaveCount(1);
});

test("a list that is read again while more of it is shown loses nothing", async ({ sandbox, page }) => {
  test.slow();
  const ids = await stop(sandbox, 205);
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  const lines = page.locator("li.tr"), show = page.locator("button.news"), more = page.getByRole("button", { name: "Show more" });
  await expect(lines).toHaveCount(100);

  // the shorter list comes after the longer one
  const [first] = await stop(sandbox, 1, CLOSED, "N");
  let held = await holdBack(page, "tasks", (asked) => asked.after === null);
  await show.click();
  await held.asked;
  await more.press("Enter");
  await expect(lines).toHaveCount(206);
  held.release();
  await expect(row(page, first!)).toHaveCount(1);
  await expect(lines).toHaveCount(206);

  // the list was read again, and begins further on, before more of the old one comes
  await sandbox.open(page, "/o/sandbox/tasks");
  await expect(lines).toHaveCount(100);
  const [second] = await stop(sandbox, 1, CLOSED, "M");
  held = await holdBack(page, "tasks", (asked) => asked.after !== null);
  await more.press("Enter");
  await held.asked;
  const restarted = await page.request.post(`${sandbox.server.url}/api/desk/restart`, { data: { office: "sandbox", id: ids[0] } });
  expect(restarted.status(), await restarted.text()).toBe(200);
  await sandbox.report(await sandbox.claimOne());
  await show.click();
  await expect(row(page, ids[0]!)).toHaveCount(0);
  held.release();
  await expect(lines).toHaveCount(206);
  for (const id of [...ids.slice(1), first!, second!]) await expect(row(page, id)).toHaveCount(1);
});

test("of a long list only the lines near the window are drawn; keys, choice and print reach all of them", async ({ sandbox, page }) => {
  test.slow();
  const ids = await stop(sandbox, 620, CLOSED, "L");
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks?rows=600");
  const lines = page.locator("li.tr"), top = page.locator("html");
  await expect(page.getByRole("button", { name: "Show more" })).toHaveCount(1);
  const shown = await page.locator("li.tr, ul.far").evaluateAll((all) => all.map((e) => (e as HTMLElement).dataset.task ?? "far"));
  expect(shown.filter((t) => t === "far").length).toBeGreaterThan(0);
  const first = shown[0]!;
  expect(ids).toContain(first);

  // to the end and back: what is far is let go, what is near is there, and as high as before
  const height = () => top.evaluate((e) => e.scrollHeight);
  const scroll = (to: "top" | "end") => page.evaluate((to) => window.scrollTo(0, to === "top" ? 0 : document.documentElement.scrollHeight), to);
  await scroll("end");
  await expect(row(page, first)).toHaveCount(0);
  await expect.poll(() => lines.count()).toBeLessThan(400);
  await expect(lines.last()).toBeInViewport();
  const last = (await lines.last().getAttribute("data-task"))!;
  const high = await height();
  await scroll("top");
  await expect(row(page, first)).toBeInViewport();
  await expect.poll(height).toBeGreaterThan(high * 0.98);
  expect(await height()).toBeLessThan(high * 1.02);

  // a line that changes while nobody draws it is drawn as it is now
  await scroll("end");
  await expect(row(page, first)).toHaveCount(0);
  const restarted = await page.request.post(`${sandbox.server.url}/api/desk/restart`, { data: { office: "sandbox", id: first } });
  expect(restarted.status(), await restarted.text()).toBe(200);
  await scroll("top");
  await expect(row(page, first)).toHaveAttribute("data-state", "queued");

  // a key goes on from the line that is open, wherever the page was scrolled to since
  await row(page, last).waitFor({ state: "detached" });
  await page.keyboard.press("j");
  await expect(row(page, first)).toHaveClass(/sel/);
  for (let i = 0; i < 3; i++) await page.keyboard.press("j");
  const fourth = (await page.locator("li.tr.sel").getAttribute("data-task"))!;
  expect(fourth).not.toBe(first);
  await scroll("end");
  await expect(lines.last()).toBeInViewport();
  await page.keyboard.press("k");
  await expect(page.locator("li.tr.sel")).toBeInViewport();
  await expect(page.locator("li.tr.sel")).not.toHaveAttribute("data-task", fourth);

  // from the first of them to the last, with Shift: all between, drawn or not
  await lines.first().locator("input").click();
  await scroll("end");
  await expect(row(page, last)).toBeInViewport();
  await row(page, last).locator("input").click({ modifiers: ["Shift"] });
  await expect(page.getByText("600 selected")).toBeVisible();

  // paper has no window
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await expect(lines).toHaveCount(600);
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await expect.poll(() => lines.count()).toBeLessThan(400);
});

test("[M3.1] Support restarts one, and takes that back until a connector has the task", async ({ sandbox, page }) => {
  const [id] = await stop(sandbox, 1, failed("database_error"));
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id!);
  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Queued");
  await page.keyboard.press("z");
  await expect(status(page)).toHaveText("With support");
  await expect(panel.getByRole("heading", { level: 2 })).toContainText("Database error");
  expect(await sandbox.status(id!)).toBe("failed");

  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(panel.getByRole("button", { name: /^Undo restart/ })).toBeVisible();
  await sandbox.claimOne();
  await expect(status(page)).toHaveText("Working");
  await expect(panel.getByRole("button", { name: /^Undo restart/ })).toHaveCount(0);
  await page.keyboard.press("z");
  const late = await page.request.post(`${sandbox.server.url}/api/desk/undo_restart`, { data: { office: "sandbox", id } });
  expect(late.status(), await late.text()).toBe(409);
  expect(await sandbox.status(id!)).toBe("running");
  await expect(status(page)).toHaveText("Working");
});

test("[M5.3] an employee marks a red task urgent with a reason; Support's causes then list it first, with the reason", async ({ sandbox, page, browser }) => {
  await stop(sandbox, 2, failed("disk_full"), "D");
  const [red] = await stop(sandbox, 1, failed("odd_one"), "R");
  await sandbox.manages("employee", "R000");
  const context = await browser.newContext();
  const support = await context.newPage();
  await sandbox.signIn(support, "support");
  const causes = () => support.locator("li.cr").evaluateAll((all) => all.map((l) => (l as HTMLElement).dataset.cause));
  await sandbox.open(support, "/o/sandbox/causes?of=sandbox&show=red");
  expect(await causes()).toEqual(["adsolut.disk_full", "adsolut.odd_one"]);

  await sandbox.signIn(page, "employee_sandbox");
  const sent: string[] = [];
  page.on("request", (r) => { if (r.url().endsWith("/api/desk/urgent")) sent.push(r.postData()!); });
  const panel = await sandbox.panel(page, red!);
  await panel.getByRole("button", { name: "It is urgent" }).click();
  // without a reason the browser asks for one and nothing is sent
  const dialog = page.getByRole("dialog");
  const reason = dialog.getByLabel("Reason"), send = dialog.getByRole("button", { name: "It is urgent" });
  await send.click();
  await expect(reason).toBeFocused();
  expect(await reason.evaluate((e: HTMLTextAreaElement) => e.validity.valueMissing)).toBe(true);
  await expect(dialog).toBeVisible();
  expect(sent).toEqual([]);
  await reason.fill("VAT return tomorrow <b>&</b> ‮sneaky");
  await send.click();
  // characters that reorder what people read are refused, and what was typed stays
  await expect(dialog.getByRole("alert")).not.toBeEmpty();
  await reason.fill("VAT return tomorrow <b>&</b> 🧾");
  await send.click();
  await expect(panel.locator(".mark-line")).toHaveText("Urgent, says Els Boek: VAT return tomorrow <b>&</b> 🧾");
  // what is sent passes by here: it was no blind watch that saw nothing before
  expect(sent.at(-1)).toContain("VAT return tomorrow <b>&</b> 🧾");
  await expect(row(page, red!)).toContainText("Urgent");

  await sandbox.open(support, "/o/sandbox/causes?of=sandbox&show=red");
  expect(await causes()).toEqual(["adsolut.odd_one", "adsolut.disk_full"]);
  await expect(support.locator("li.cr").first()).toContainText("1 urgent");
  await support.locator("li.cr a").first().click();
  await expect(support.locator(`#detail li[data-task="${red}"] .urgent`)).toHaveText("VAT return tomorrow <b>&</b> 🧾");
  await support.locator(`#detail li[data-task="${red}"] a`).click();
  await expect(support.locator(".mark-line").first()).toHaveText("Urgent, says Els Boek: VAT return tomorrow <b>&</b> 🧾");
  const said = support.locator("ol.hist > li", { hasText: "Marked as urgent" });
  await expect(said).toContainText("by Els Boek");
  expect(Math.abs(Date.now() - Date.parse((await said.locator("time").getAttribute("datetime"))!))).toBeLessThan(180_000);
  await context.close();
});

test("an employee passes a task on with a note, Support passes it back, and both read what the other wrote", async ({ sandbox, page, browser }) => {
  const [orange] = await stop(sandbox, 1);
  await sandbox.manages("employee", "F000");
  await sandbox.signIn(page, "employee_sandbox");
  const panel = await sandbox.panel(page, orange!);
  await expect(status(page)).toHaveText("Action employee required");
  await page.keyboard.press("i");
  await page.getByRole("dialog").getByLabel("Note").fill("I have no rights in Adsolut.");
  await page.getByRole("dialog").getByRole("button", { name: "Pass on" }).click();
  await expect(status(page)).toHaveText("With support");

  const context = await browser.newContext();
  const support = await context.newPage();
  await sandbox.signIn(support, "support");
  const second = await sandbox.panel(support, orange!);
  await expect(second.locator(".mark-line")).toContainText("I have no rights in Adsolut.");
  await second.getByRole("button", { name: "Pass to the office" }).click();
  await support.getByRole("dialog").getByLabel("Note").fill("You have them now. Restart it.");
  await support.getByRole("dialog").getByRole("button", { name: "Pass on" }).click();
  await expect(status(support)).toHaveText("Action employee required");
  await expect(status(page)).toHaveText("Action employee required");
  await expect(panel.locator(".mark-line")).toContainText("You have them now.");
  await context.close();
});

test("a task that an employee puts off, with a reason, stands last until then", async ({ sandbox, page }) => {
  const ids = await stop(sandbox, 2);
  await sandbox.manages("employee", "F000", "F001");
  await sandbox.signIn(page, "employee_sandbox");
  const panel = await sandbox.panel(page, ids[0]!, "failed,action_required");
  await panel.getByRole("button", { name: "Not now" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("The client sends the statement on Monday.");
  await page.getByRole("dialog").getByRole("button", { name: "Not now" }).click();
  await expect(panel.locator(".mark-line")).toContainText("The client sends the statement on Monday.");
  await page.reload();
  await expect(page.locator(".grp")).toHaveCount(2);
  await expect(page.locator(".grp").last()).toContainText("Put off");
  await expect(page.locator(".grp").last().locator("li.tr")).toHaveAttribute("data-task", ids[0]!);
});

test("a restart of what somebody else has just cancelled is refused in words, and the page follows", async ({ sandbox, page }) => {
  const [id] = await stop(sandbox, 1);
  await sandbox.signIn(page, "admin_sandbox");
  const panel = await sandbox.panel(page, id!);
  // the page has not heard of it yet: its stream is held up
  await page.route("**/api/desk/restart", async (route) => {
    await sandbox.integration("cancel", { id, reason: "delivered twice" });
    await route.continue();
  });
  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(panel.locator(".said")).toContainText("Somebody was faster");
  await expect(status(page)).toHaveText("Cancelled");
});

test("[S2.5] a hidden tab asks for nothing and catches up when it is looked at again", async ({ sandbox, page }) => {
  const [id] = await stop(sandbox, 1);
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  const hide = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  const asked: string[] = [];
  page.on("request", (r) => asked.push(r.url()));
  await sandbox.integration("cancel", { id, reason: "delivered twice" });
  await sandbox.one({ kind: BOOK, dossier: "F000", subject: "later.pdf" });
  // nothing is told to a tab that nobody looks at: another one has been told by now
  const other = await page.context().newPage();
  await sandbox.open(other, "/o/sandbox/tasks?status=cancelled");
  await expect(row(other, id!)).toBeVisible();
  await other.close();
  expect(asked).toEqual([]);
  await expect(row(page, id!)).toHaveAttribute("data-state", "action_required");
  await hide(false);
  await expect(row(page, id!)).toHaveAttribute("data-state", "cancelled");
});

test("one change is told to two tabs, and a browser whose clock is hours off shows the right ages", async ({ sandbox, page, context }) => {
  const [id] = await stop(sandbox, 1);
  await page.clock.install({ time: new Date(Date.now() - 5 * 3_600_000) });
  await page.clock.resume();
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await expect(row(page, id!).locator("time")).toHaveText(/^(\d+ s|1 min)$/);
  const second = await context.newPage();
  await second.goto(`${sandbox.server.url}/o/sandbox/tasks`);
  await alive(second);
  await sandbox.integration("cancel", { id, reason: "delivered twice" });
  for (const tab of [page, second]) await expect(row(tab, id!)).toHaveAttribute("data-state", "cancelled");
});

test("Follow-up by keyboard: walk, choose, select a range, pass on, close", async ({ sandbox, page }) => {
  const ids = await stop(sandbox, 3);
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.keyboard.press("j");
  await expect(row(page, ids[0]!)).toHaveClass(/sel/);
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await expect(row(page, ids[2]!)).toHaveClass(/sel/);
  await page.keyboard.press("Shift+X");
  await expect(page.locator(".many b")).toHaveText("3 selected");
  await page.keyboard.press("Escape");
  await expect(page.locator(".many")).toBeHidden();
  await page.keyboard.press("Enter");
  await expect(page.locator("#detail h2").first()).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.locator(".tr.sel")).toHaveCount(0);
});

test("Enter pressed before the panel has what is chosen leads to it when it comes", async ({ sandbox, page }) => {
  const ids = await stop(sandbox, 2);
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  const heading = (id: string) => page.locator(`#detail [data-shown="${id}"] h2`);
  await page.keyboard.press("j");
  await expect(heading(ids[0]!)).toBeVisible();
  let answer = () => {};
  const held = new Promise<void>((done) => (answer = done));
  await page.route("**/api/desk/task_detail", async (route) => {
    await held;
    await route.continue();
  });
  await page.keyboard.press("j");
  await expect(row(page, ids[1]!)).toHaveClass(/sel/);
  await page.keyboard.press("Enter");
  await expect(heading(ids[1]!)).toHaveCount(0);
  answer();
  await expect(heading(ids[1]!)).toBeFocused();
});

for (const [scheme, width, height] of [["light", 1440, 900], ["dark", 390, 844]] as const) {
  test(`filters, work on many and its dialog break no rule (${scheme}, ${width})`, async ({ sandbox, page }) => {
    const ids = await stop(sandbox, 2);
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height });
    await sandbox.signIn(page, "admin_sandbox");
    await sandbox.open(page, "/o/sandbox/tasks?package=adsolut");
    await page.locator(".filters summary").click();
    await axe(page);
    await page.locator(".filters summary").click();
    await row(page, ids[0]!).getByRole("checkbox").click();
    await axe(page);
    await page.locator(".many").getByRole("button", { name: "Restart", exact: true }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await axe(page);
  });
}

test("[S1.2] what the server refuses is said in the reader's language", async ({ sandbox, page }) => {
  const [red] = await stop(sandbox, 1, failed("database_error"), "R");
  await sandbox.signIn(page, "admin_sandbox");
  await page.context().addCookies([{ name: "nw_language", value: "nl", url: sandbox.server.url }]);
  const panel = await sandbox.panel(page, red!);
  await panel.locator("button[data-ask=urgent]").click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("textarea").fill("morgen \u202esneaky");
  await dialog.locator("button.pri").click();
  await expect(dialog.getByRole("alert")).toHaveText("Dit bevat tekens die niet getoond kunnen worden.");
});

test("[T13.3] Enter in a search field keeps the page and the rest of its address", async ({ sandbox, page }) => {
  await stop(sandbox, 1);
  await sandbox.signIn(page, "support");
  for (const [path, part, value] of [
    ["tasks?status=failed,action_required,queued&package=adsolut", "package", "adsolut"],
    ["clients?status=act", "status", "act"],
    ["causes?show=orange&of=sandbox", "of", "sandbox"],
    ["instructions", "", null],
    ["users?invite=1", "", null],
  ] as const) {
    await sandbox.open(page, `/o/sandbox/${path}`);
    await page.evaluate(() => document.documentElement.setAttribute("data-same", ""));
    const field = page.locator("#main").getByRole("searchbox").first();
    await field.fill("xyz");
    await field.press("Enter");
    await expect.poll(() => query(page).get("q"), path).toBe("xyz");
    if (part) expect(query(page).get(part), path).toBe(value);
    await page.waitForTimeout(300);
    await expect(page.locator("html"), path).toHaveAttribute("data-same", "");
  }
});

test("ages are right before the page is live", async ({ sandbox, page, browser }) => {
  // a code that the demo's own office never has: its causes go on
  await stop(sandbox, 1, failed("odd_age"));
  await sandbox.signIn(page, "support");
  const silent = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await silent.newPage();
  await page.waitForTimeout(1500);
  for (const path of ["tasks?status=succeeded", "causes?of=sandbox&show=red&q=odd_age"]) {
    await plain.goto(`${sandbox.server.url}/o/sandbox/${path}`);
    await expect(plain.locator("li.tr time, li.cr time").first(), path).toHaveText(/^([1-9]\d* s|\d+ min)$/);
  }
  await silent.close();
});

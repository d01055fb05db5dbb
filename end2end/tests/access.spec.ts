/** Who sees what, and who may do what. */
import { expect, type Page } from "@playwright/test";
import { ACTIVATE, BOOK, alive, failed, test } from "./sandbox";

const MANAGED = ["BAKSM", "FLORE", "HENDR", "PEETE", "VANDI"];
const EVERY = "failed,action_required,queued,running,succeeded,cancelled";

test("[M8.1] an employee sees the dossiers that they manage, and no other; the admin sees them all", async ({ sandbox, page, browser }) => {
  const codes = async (page: Page) => {
    await page.goto(`${sandbox.server.url}/o/gent/tasks?status=${EVERY}`);
    return [...new Set(await page.locator("li.tr .dd .code").allTextContents())].sort();
  };
  await sandbox.signIn(page, "employee");
  await page.waitForURL("**/o/gent/tasks");
  const mine = await codes(page);
  expect(mine.length).toBeGreaterThan(2);
  expect(MANAGED).toEqual(expect.arrayContaining(mine));

  const context = await browser.newContext();
  const admin = await context.newPage();
  await sandbox.signIn(admin, "admin");
  const all = await codes(admin);
  expect(all).toEqual(expect.arrayContaining([...mine, "CLAES", "WOUTE"]));
  await context.close();

  // neither by its address nor by a call; it looks the same as a task that is not there
  for (const id of ["11", "999999"]) {
    await page.goto(`${sandbox.server.url}/o/gent/tasks/${id}`);
    await expect(page.getByText("There is no such page, or it belongs to another office.")).toBeVisible();
    for (const [call, more] of [["task_detail", {}], ["restart", {}], ["confirm", {}], ["restart_cause", {}], ["correct", { dossier_code: "X" }], ["cancel", { followers: false }]] as const) {
      const answer = await sandbox.call(page, call, { office: "gent", id, ...more });
      expect(answer.status, call).toBe(404);
      expect(answer.body.code).toBe("not_found");
    }
  }
});

test("[T11.3] an employee's live stream tells only of the dossiers that they manage, of what was and of what comes", async ({ sandbox, page, browser }) => {
  await sandbox.dossiers("adsolut", "THEIRS", "MINE");
  await sandbox.manages("employee", "MINE");
  const admin = await (await browser.newContext()).newPage();
  /** Everything that the stream of who is signed in has said so far. */
  const heard = (of: Page) => of.evaluate(() => (window as any).heard as string);
  const told = (dossier: string, id: string) => new RegExp(`"id":"?${id}\\b.*"dossier_code":"${dossier}"`);
  for (const [person, role] of [[admin, "admin_sandbox"], [page, "employee_sandbox"]] as const) {
    await sandbox.signIn(person, role);
    await sandbox.open(person, "/o/sandbox/tasks");
    await person.evaluate(async () => {
      const answer = await fetch("/api/desk/live?office=sandbox&after=0");
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      Object.assign(window, { heard: "" });
      void (async () => {
        for (let got = await reader.read(); !got.done; got = await reader.read()) (window as any).heard += got.value;
      })();
    });
  }
  await expect.poll(() => heard(page)).toContain('"dossier_code":"MINE"');
  await expect.poll(() => heard(admin)).toContain('"dossier_code":"THEIRS"');
  // one after the other: who has heard of the second has heard of the first, or never will
  const theirs = await sandbox.one({ kind: BOOK, dossier: "THEIRS" });
  const mine = await sandbox.one({ kind: BOOK, dossier: "MINE" });
  for (const person of [page, admin]) await expect.poll(() => heard(person)).toMatch(told("MINE", mine));
  expect(await heard(admin)).toMatch(told("THEIRS", theirs));
  expect(await heard(page)).not.toContain("THEIRS");
  await admin.context().close();
});

test("[T14.2, M3.2] red tasks: the office sees that Support has them and cannot restart them; Support can", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "admin");
  // Brouwerij Oost: its synchronisation fails with a database error
  await expect.poll(async () => (await sandbox.call(page, "task_detail", { office: "gent", id: "15" })).body.row.state).toBe("failed");
  await page.goto(`${sandbox.server.url}/o/gent/tasks?task=15`);
  await alive(page);
  const panel = page.locator("#detail");
  await expect(panel.getByTestId("status")).toHaveText("With support");
  await expect(panel).toContainText("Support is on it. You do not need a ticket.");
  await expect(panel.getByRole("button", { name: /Restart/ })).toHaveCount(0);
  const refused = await sandbox.call(page, "restart", { office: "gent", id: "15" });
  expect(refused).toMatchObject({ status: 403, body: { code: "forbidden" } });

  const context = await browser.newContext();
  const support = await context.newPage();
  await sandbox.signIn(support, "support");
  await sandbox.open(support, "/o/gent/tasks?task=15");
  // looked at every frame: it fails again when a connector has been there
  const line = page.locator('li.tr[data-task="15"]');
  await expect(line).toHaveAttribute("data-state", "failed");
  expect((await panel.boundingBox())!.x, "on the right side").toBeGreaterThan((await line.boundingBox())!.x);
  const moved = page.waitForFunction(() => {
    const state = document.querySelector('li.tr[data-task="15"]')?.getAttribute("data-state");
    return state !== undefined && state !== null && state !== "failed";
  });
  await support.locator("#detail").getByRole("button", { name: /^Restart task/ }).click();
  await expect(support.locator("#detail .said")).toHaveText("Restarted.");
  await moved;
  await context.close();
});

test("[T10.4] staff cancel activations only; an admin may cancel any task of the office", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "employee");
  const list = await sandbox.call(page, "tasks", { office: "gent", filter: { states: ["queued", "action_required"] }, after: null, rows: 200 });
  const mine = list.body.rows.find((r: { kind: string }) => r.kind === BOOK);
  expect(mine).toBeTruthy();
  expect(await sandbox.call(page, "cancel", { office: "gent", id: mine.id, followers: false })).toMatchObject({ status: 403, body: { code: "forbidden" } });
  const context = await browser.newContext();
  const admin = await context.newPage();
  await sandbox.signIn(admin, "admin");
  expect((await sandbox.call(admin, "cancel", { office: "gent", id: mine.id, followers: false })).status).toBe(200);
  await context.close();
});

test("another office looks the same as none", async ({ sandbox, page }) => {
  await sandbox.hello();
  const id = await sandbox.fail({ kind: ACTIVATE, dossier: "SECRET", payload: { name: "Secret client", package: "adsolut" } }, failed("database_error"));
  await sandbox.signIn(page, "admin");
  for (const path of ["/o/sandbox/tasks", "/o/sandbox/clients", "/o/sandbox/dossiers/SECRET", "/o/unknown/tasks", `/o/sandbox/tasks/${id}`, `/o/gent/tasks/${id}`, `/o/gent/tasks?task=${id}`]) {
    const answer = await page.goto(sandbox.server.url + path);
    if (!path.startsWith("/o/gent")) {
      expect(answer!.status(), path).toBe(404);
      await expect(page.getByRole("heading", { name: "Not here" })).toBeVisible();
    }
    await expect(page.locator("body")).not.toContainText("Secret client");
    expect(await answer!.text()).not.toContain("Secret client");
  }
  const which = { these: [id] };
  const body: Record<string, object> = {
    tasks: { filter: { states: [] }, after: null, rows: 200 },
    correct: { id, dossier_code: "X" },
    cancel: { id, followers: true },
    counts: {},
    choices: {},
    hand_over: { id, to: "support", note: "" },
    urgent: { id, reason: "x" },
    snooze: { id, hours: 4, reason: "x" },
    look_at_bulk: { verb: "restart", which },
    start_bulk: { verb: "restart", which, counted: { can: 1, cannot: 0, too_many: false, as_of: 0 }, note: "" },
    bulk_progress: { id: 1 },
    stop_bulk: { id: 1 },
  };
  for (const call of ["task_detail", "restart", "undo_restart", "restart_cause", ...Object.keys(body)]) {
    const more = body[call] ?? { id };
    expect((await sandbox.call(page, call, { office: "sandbox", ...more })).status, call).toBe(404);
  }
  expect((await page.request.get(`${sandbox.server.url}/api/desk/live?office=sandbox`)).status()).toBe(404);
  expect(await sandbox.status(id)).toBe("failed");
});

test("a token reaches its own office and its own calls", async ({ sandbox }) => {
  const { connector_tokens: [connector], integration_token: integration } = sandbox.keys.sandbox;
  const call = async (token: string | null, name: string) => {
    const headers: Record<string, string> = { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${sandbox.server.url}/api/v1/${name}`, { method: "POST", headers, body: "{}" });
    return { status: answer.status, authenticate: answer.headers.get("www-authenticate"), body: await answer.json() };
  };
  for (const name of ["deliver", "task", "cancel"]) expect(await call(connector, name), name).toMatchObject({ status: 403, body: { code: "forbidden" } });
  for (const name of ["hello", "claim", "extend", "report", "drain"]) expect(await call(integration, name), name).toMatchObject({ status: 403, body: { code: "forbidden" } });
  for (const token of [null, "", "nwi_", "nwi_nonsense", `${integration.slice(0, -1)}${integration.endsWith("A") ? "B" : "A"}`, `${connector} x`]) {
    expect(await call(token, "deliver"), String(token)).toMatchObject({ status: 401, authenticate: "Bearer", body: { code: "unauthenticated" } });
  }
  // the demo office's tasks do not exist for the sandbox
  const answer = await sandbox.integration("task", { id: "1" });
  expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
});

test("who is not signed in is led to the sign-in page, and calls are refused", async ({ sandbox, page }) => {
  for (const path of ["/", "/o/gent/tasks", "/o/gent/tasks/1"]) {
    await page.goto(sandbox.server.url + path);
    // and comes back from there to where they wanted to go
    const to = path === "/" ? "" : `?to=${encodeURIComponent(path)}`;
    await expect(page).toHaveURL(`${sandbox.server.url}/sign-in${to}`);
  }
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  for (const call of ["who", "tasks", "restart"]) {
    const data = { tasks: { office: "gent", filter: { states: [] }, after: null, rows: 200 }, restart: { office: "gent", id: "1" } }[call] ?? {};
    expect(await sandbox.call(page, call, data), call).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
  }
  expect((await page.request.get(`${sandbox.server.url}/api/desk/live?office=gent`)).status()).toBe(401);
});

test("the session's cookie is out of reach of scripts and other sites, and ends with signing out", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  const session = (await page.context().cookies()).find((c) => c.name === "nw_session")!;
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
  expect(session.value.length).toBeGreaterThan(40);
  expect(await page.evaluate(() => document.cookie)).not.toContain("nw_session");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  expect((await page.context().cookies()).find((c) => c.name === "nw_session")).toBeUndefined();
  // whoever kept the cookie has nothing of it
  const answer = await fetch(`${sandbox.server.url}/api/desk/who`, { method: "POST", headers: { "content-type": "application/json", cookie: `nw_session=${session.value}` }, body: "{}" });
  expect(answer.status).toBe(401);
});

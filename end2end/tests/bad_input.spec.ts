/** Whatever comes in wrong gets a clear answer and changes nothing. */
import { expect } from "@playwright/test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "./support";
import { begin } from "./first_desk";
import { ACTIVATE, BOOK, SYNC, alive, failed, row, test, type Sandbox } from "./sandbox";

/** Which fields an answer complains of; the status if it is not 422. */
async function wrong(sandbox: Sandbox, who: "integration" | "connector", call: string, body: unknown): Promise<string[] | number> {
  const answer = who === "integration" ? await sandbox.integration(call, body) : await sandbox.connector(0, call, body);
  if (answer.status !== 422) return answer.status;
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  expect(answer.body).toMatchObject({ status: 422, code: "invalid" });
  for (const e of answer.body.errors) expect(e.message, JSON.stringify(e)).toMatch(/\S/);
  return answer.body.errors.map((e: { field: string }) => e.field);
}

test("deliver: each wrong field is named, and nothing is delivered", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  const other = await sandbox.one({ kind: SYNC, dossier: "BBB" });
  await sandbox.report(await sandbox.claimOne());
  const task = { kind: BOOK, dossier: "AAA" };
  for (const [more, field] of [
    [{ kind: undefined }, "kind"], [{ kind: 7 }, "kind"], [{ kind: "make_coffee" }, "kind"], [{ kind: "" }, "kind"],
    [{ dossier: undefined }, "dossier"], [{ dossier: null }, "dossier"], [{ dossier: "NOBODY" }, "dossier"], [{ dossier: "a b" }, "dossier"],
    [{ dossier: "x".repeat(33) }, "dossier"], [{ dossier: "../etc" }, "dossier"], [{ dossier: "" }, "dossier"],
    [{ payload: "text" }, "payload"], [{ payload: [1] }, "payload"], [{ payload: 1 }, "payload"],
    [{ subject: "" }, "subject"], [{ subject: "x".repeat(201) }, "subject"], [{ subject: "a\u0007b" }, "subject"], [{ subject: "a\u202Eb" }, "subject"], [{ subject: 5 }, "subject"],
    [{ idempotency_key: "x".repeat(201) }, "idempotency_key"], [{ idempotency_key: "a\nb" }, "idempotency_key"], [{ idempotency_key: "" }, "idempotency_key"],
    [{ after: "999999" }, "after"], [{ after: "abc" }, "after"], [{ after: "-1" }, "after"], [{ after: other }, "after"], [{ after: "1" }, "after"], [{ after: 7 }, "after"],
    [{ colour: "red" }, "colour"], [{ id: "7" }, "id"],
    [{ kind: ACTIVATE, dossier: "NEW" }, "payload.name"], [{ kind: ACTIVATE, dossier: "NEW", payload: { name: "N", package: "No Such" } }, "payload.package"],
    [{ kind: ACTIVATE, dossier: "NEW", payload: { name: "", package: "adsolut" } }, "payload.name"],
    [{ kind: ACTIVATE, dossier: "AAA", payload: { name: "N", package: "wings" } }, "payload.package"],
  ] as [Record<string, unknown>, string][]) {
    const fields = await wrong(sandbox, "integration", "deliver", { tasks: [task, { ...task, ...more }] });
    expect(Array.isArray(fields), `${JSON.stringify(more)} → ${fields}`).toBe(true);
    expect((fields as string[]).some((f) => /^tasks(\[1\]|\.1)\./.test(f) && f.endsWith(`.${field}`)), `${JSON.stringify(more)} → ${fields}`).toBe(true);
  }
  for (const [body, field] of [[{}, "tasks"], [{ tasks: [] }, "tasks"], [{ tasks: "x" }, "tasks"], [{ tasks: null }, "tasks"], [{ tasks: [task], more: 1 }, "more"],
    [{ tasks: Array.from({ length: 1001 }, () => task) }, "tasks"], [[], "body"]] as [unknown, string][]) {
    expect(await wrong(sandbox, "integration", "deliver", body), JSON.stringify(body).slice(0, 80)).toEqual([field]);
  }
  expect(await sandbox.claim(), "nothing was delivered").toEqual([]);
});

test("a task cannot follow itself or one that comes later", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const last = Number(await sandbox.one({ kind: SYNC, dossier: "AAA" }));
  for (const after of [last + 1, last + 2, last + 50]) {
    const fields = await wrong(sandbox, "integration", "deliver", { tasks: [{ kind: SYNC, dossier: "AAA", after: String(after) }] });
    expect(fields, `after ${after}`).toEqual(["tasks[0].after"]);
  }
  expect(await sandbox.claim()).toHaveLength(1);
});

test("task and cancel: ids that are not there, and reasons that are no text", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const id = await sandbox.one({ kind: SYNC, dossier: "AAA" });
  for (const wrongId of ["999999", "0", "-1", "abc", "", "1e3", "99999999999999999999", "1"]) {
    expect(await wrong(sandbox, "integration", "task", { id: wrongId }), wrongId).toBe(404);
    expect(await wrong(sandbox, "integration", "cancel", { id: wrongId, reason: "x" }), wrongId).toBe(404);
  }
  expect(await wrong(sandbox, "integration", "task", {})).toEqual(["id"]);
  expect(await wrong(sandbox, "integration", "task", { id: 7 })).toEqual(["id"]);
  expect(await wrong(sandbox, "integration", "task", { id, more: 1 })).toEqual(["more"]);
  for (const reason of [undefined, "", 5, "x".repeat(501), "a\u0000b"]) expect(await wrong(sandbox, "integration", "cancel", { id, reason }), String(reason)).toEqual(["reason"]);
  expect(await sandbox.status(id)).toBe("queued");
  expect((await sandbox.integration("cancel", { id, reason: "a mistake" })).body).toMatchObject({ id, status: "cancelled" });
  expect((await sandbox.integration("cancel", { id, reason: "a mistake" })).body).toMatchObject({ code: "wrong_state" });
});

test("hello, claim, extend, drain, enrol: each wrong field is named", async ({ sandbox }) => {
  await sandbox.hello();
  const hello = { boot_id: "b", version: "1", packages: ["adsolut"], kinds: [SYNC], recovers: [], max_parallel: 4 };
  for (const [more, field] of [
    [{ boot_id: undefined }, "boot_id"], [{ boot_id: "" }, "boot_id"], [{ boot_id: "x".repeat(101) }, "boot_id"], [{ version: "a\u0001" }, "version"], [{ version: 1 }, "version"],
    [{ packages: "adsolut" }, "packages"], [{ packages: ["No Such"] }, "packages"], [{ packages: Array.from({ length: 101 }, () => "a") }, "packages"], [{ kinds: [1] }, "kinds"],
    [{ kinds: undefined }, "kinds"], [{ recovers: ["A"] }, "recovers"], [{ recovers: null }, "recovers"], [{ max_parallel: 0 }, "max_parallel"], [{ max_parallel: 101 }, "max_parallel"],
    [{ max_parallel: -1 }, "max_parallel"], [{ max_parallel: "4" }, "max_parallel"], [{ max_parallel: 1.5 }, "max_parallel"], [{ colour: 1 }, "colour"],
  ] as [Record<string, unknown>, string][]) {
    const fields = await wrong(sandbox, "connector", "hello", { ...hello, ...more });
    expect(String(fields), JSON.stringify(more)).toMatch(new RegExp(`^${field}(\\[0\\])?$`));
  }
  for (const [more, field] of [
    [{ request_id: undefined }, "request_id"], [{ request_id: "" }, "request_id"], [{ request_id: "x".repeat(101) }, "request_id"], [{ max: 0 }, "max"], [{ max: 101 }, "max"],
    [{ max: undefined }, "max"], [{ max: "1" }, "max"], [{ wait_seconds: 56 }, "wait_seconds"], [{ wait_seconds: -1 }, "wait_seconds"], [{ more: 1 }, "more"],
  ] as [Record<string, unknown>, string][]) {
    expect(await wrong(sandbox, "connector", "claim", { request_id: "r", max: 1, ...more }), JSON.stringify(more)).toEqual([field]);
  }
  expect(await wrong(sandbox, "connector", "extend", {})).toEqual(["leases"]);
  expect(await wrong(sandbox, "connector", "extend", { leases: [{ task: "1" }] })).toEqual(["leases[0].lease"]);
  expect(await wrong(sandbox, "connector", "extend", { leases: Array.from({ length: 1001 }, () => ({ task: "1", lease: "x" })) })).toEqual(["leases"]);
  expect(await wrong(sandbox, "connector", "drain", {})).toEqual(["boot_id"]);
  expect(await wrong(sandbox, "connector", "drain", { boot_id: "another start" })).toBe(409);
  expect((await sandbox.connector(0, "extend", { leases: [{ task: "1", lease: "1-1-1" }, { task: "abc", lease: "" }] })).body.leases.map((l: { state: string }) => l.state)).toEqual(["stale", "stale"]);
  const enrol = await sandbox.integration("enrol", { code: "nwe_nonsense" });
  expect(enrol).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
  expect(await wrong(sandbox, "integration", "enrol", {})).toEqual(["code"]);
});

test("report: garbage, twice, too late, another's", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  await sandbox.hello(1);
  const [a, b] = await sandbox.deliver({ kind: SYNC, dossier: "AAA" }, { kind: SYNC, dossier: "BBB" });
  const [first, second] = await sandbox.claim(0);
  const lease = { task: first!.id, lease: first!.lease };
  for (const [outcome, field] of [
    [undefined, "outcome"], [{}, "outcome"], ["succeeded", "outcome"], [{ won: {} }, "outcome"], [{ failed: {} }, "code"], [{ failed: { code: 7 } }, "code"],
    [{ failed: { code: "Not Snake" } }, "code"], [{ failed: { code: "" } }, "code"], [{ failed: { code: "x".repeat(65) } }, "code"], [{ failed: { code: "x", params: [] } }, "params"],
    [{ failed: { code: "x", colour: 1 } }, "colour"], [{ released: { reason: "a\u0007" } }, "reason"],
  ] as [unknown, string][]) {
    // refused by itself: another report beside it would be taken
    const { status, body } = await sandbox.connector(0, "report", { reports: [{ ...lease, outcome }] });
    expect(status, JSON.stringify(outcome)).toBe(200);
    expect(body.reports[0], JSON.stringify(outcome)).toMatchObject({ task: first!.id, error: { code: "invalid" } });
    const fields = body.reports[0].error.errors.map((e: { field: string }) => e.field);
    expect(String(fields), JSON.stringify(outcome)).toContain(field);
  }
  for (const reports of [undefined, [], "x", Array.from({ length: 1001 }, () => ({ ...lease, outcome: { succeeded: {} } }))]) {
    expect(await wrong(sandbox, "connector", "report", { reports }), String(reports).slice(0, 30)).toEqual(["reports"]);
  }
  expect(await sandbox.status(a!)).toBe("running");

  const said = async (which: 0 | 1, ...reports: unknown[]) => (await sandbox.connector(which, "report", { reports })).body.reports.map((r: any) => r.status ?? r.error.code);
  const done = { succeeded: {} };
  // one wrong item does not stop the others
  expect(await said(0, { task: "999999", lease: "1-1-1", outcome: done }, { task: "abc", lease: "x", outcome: done }, { ...lease, outcome: done })).toEqual(["not_found", "not_found", "succeeded"]);
  expect(await said(0, { ...lease, outcome: done })).toEqual(["succeeded"]);
  expect(await said(0, { ...lease, outcome: failed("database_error") })).toEqual(["conflicting_report"]);
  expect(await sandbox.status(a!)).toBe("succeeded");
  expect(await said(0, { task: b, lease: "1-1-9", outcome: done })).toEqual(["stale_lease"]);
  expect(await said(1, { task: b, lease: second!.lease, outcome: done }), "another connector's task").toEqual(["stale_lease"]);
  expect(await said(0, { task: "1", lease: "1-1-1", outcome: done }), "another office's task").toEqual(["not_found"]);
  expect(await sandbox.status(b!)).toBe("running");
  expect(await said(0, { task: b, lease: second!.lease, outcome: done })).toEqual(["succeeded"]);
});

test("bodies that are not JSON, not an object, or too large", async ({ sandbox }) => {
  const { connector_tokens: [connector], integration_token } = sandbox.keys.sandbox;
  const send = async (call: string, body: string | Uint8Array, token = integration_token) => {
    const answer = await fetch(`${sandbox.server.url}/api/v1/${call}`, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: body as BodyInit });
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    return { status: answer.status, code: (await answer.json()).code };
  };
  for (const body of ["", "{", "hello", '{"tasks":[]} x', "\u0000", new Uint8Array([0xff, 0xfe, 0x7b])]) {
    expect(await send("deliver", body), String(body).slice(0, 20)).toEqual({ status: 400, code: "malformed" });
  }
  expect((await send("deliver", '{"tasks":' + "[".repeat(100_000))).status, "nested beyond all measure").toBeLessThan(500);
  for (const body of ["[]", "7", "null", '"x"']) expect(await send("deliver", body), body).toEqual({ status: 422, code: "invalid" });
  const large = JSON.stringify({ tasks: [{ kind: BOOK, dossier: "AAA", payload: { document: "x".repeat(1 << 20) } }] });
  expect(await send("deliver", large)).toEqual({ status: 413, code: "too_large" });
  expect(await send("report", JSON.stringify({ reports: "x".repeat(1 << 20) }), connector)).toEqual({ status: 413, code: "too_large" });
  // just below the limit is fine
  await sandbox.dossiers("adsolut", "AAA");
  await sandbox.one({ kind: BOOK, dossier: "AAA", payload: { document: "x".repeat((1 << 20) - 200) } });
  // addresses and methods that do not exist
  for (const [path, method, status] of [["/api/v1/deliver", "GET", 405], ["/api/v1/nothing", "POST", 404], ["/api/nothing", "GET", 404], ["/api/desk/nothing", "POST", 404]] as const) {
    const answer = await fetch(sandbox.server.url + path, { method, headers: { authorization: `Bearer ${integration_token}` } });
    expect(answer.status, path).toBe(status);
    expect(answer.headers.get("content-type"), path).toContain("application/problem+json");
  }
});

test("sign-in: a wrong password says neither which of the two is wrong nor lets anybody guess on", async ({ sandbox, page }) => {
  await page.goto(`${sandbox.server.url}/sign-in`);
  const attempt = async (email: string) => {
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill("not the password");
    await page.getByTestId("sign-in").click();
  };
  await attempt("lotte@halden-vos.example");
  await expect(page.getByRole("alert")).toHaveText("The e-mail address or the password is not right.");
  await attempt("nobody@halden-vos.example");
  await expect(page.getByRole("alert")).toHaveText("The e-mail address or the password is not right.");
  expect((await page.context().cookies()).some((c) => c.name === "nw_session")).toBe(false);
  const statuses: number[] = [];
  for (let n = 0; n < 30; n++) {
    const answer = await page.request.post(`${sandbox.server.url}/api/desk/sign_in`, { form: { email: "lotte@halden-vos.example", password: `guess ${n}` }, maxRedirects: 0, headers: { accept: "application/json" } });
    statuses.push(answer.status());
  }
  expect(statuses, "after a few wrong tries it is refused").toContain(429);
  expect(statuses.every((s) => s === 401 || s === 429), statuses.join(" ")).toBe(true);
  await attempt("lotte@halden-vos.example");
  await expect(page.getByRole("alert")).toHaveText("Too many tries. Wait a few minutes and try again.");
});

test("sign-in without a script: a wrong password leads back to the form with the words", async ({ sandbox, browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${sandbox.server.url}/sign-in`);
  await page.getByLabel("E-mail address").fill("nobody@halden-vos.example");
  await page.getByLabel("Password").fill("not the password");
  await page.getByTestId("sign-in").click();
  await expect(page.getByRole("alert")).toHaveText("The e-mail address or the password is not right.");
  expect(page.url(), "the password stays out of the address").not.toContain("not%20the%20password");
  await context.close();
});

test("a link that is dead, cut off or invented says so, with a way to sign in", async ({ sandbox, page }) => {
  const link = sandbox.keys.sign_in["admin"]!;
  for (const path of ["/sign-in/nws_invented", "/sign-in/x", link.slice(0, -1).replace(sandbox.server.url, ""), "/first-admin/nws_invented"]) {
    const answer = await page.goto(sandbox.server.url + path);
    expect(answer!.status(), path).toBe(404);
    await expect(page.getByText("This link has been used or is too old. Ask for a new one.")).toBeVisible();
    await expect(page.getByRole("link", { name: "Sign in" })).toHaveAttribute("href", "/sign-in");
  }
});

test("a forged request from another site is refused, though it brings the session's cookie", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const id = await sandbox.fail({ kind: BOOK, dossier: "AAA" }, failed("period_not_open", { period: "201802" }));
  await sandbox.signIn(page, "support");
  const post = (headers: Record<string, string>) => page.request.post(`${sandbox.server.url}/api/desk/restart`, { data: { office: "sandbox", id }, headers });
  const forged: Record<string, string>[] = [{ "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, { origin: "https://evil.example" }, { origin: "null" }];
  for (const headers of forged) {
    const answer = await post(headers);
    expect(answer.status(), JSON.stringify(headers)).toBe(403);
    expect((await answer.json()).code).toBe("forbidden");
  }
  expect(await sandbox.status(id)).toBe("action_required");
  // the real thing, from another origin's page
  await page.route("http://evil.example/**", (route) => route.fulfill({ contentType: "text/html", body: `<form method=post action="${sandbox.server.url}/api/desk/sign_out"></form>` }));
  await page.goto("http://evil.example/");
  await page.evaluate(() => document.forms[0]!.submit());
  await page.waitForURL(/sign_out/);
  await page.goto(`${sandbox.server.url}/o/sandbox/tasks`);
  await expect(row(page, id)).toBeVisible();
  expect((await post({})).status()).toBe(200);
  expect(await sandbox.status(id)).toBe("queued");
});

test("the pages' own calls: wrong fields, states and ids", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const id = await sandbox.one({ kind: SYNC, dossier: "AAA" });
  await sandbox.signIn(page, "support");
  const post = async (call: string, data: unknown) => {
    const answer = await page.request.post(`${sandbox.server.url}/api/desk/${call}`, { data: JSON.stringify(data), headers: { "content-type": "application/json" } });
    return [answer.status(), (await answer.json()).code];
  };
  expect(await post("restart", { office: "sandbox", id })).toEqual([409, "wrong_state"]);
  expect(await post("restart", { office: "sandbox" })).toEqual([422, "invalid"]);
  expect(await post("restart", { office: "sandbox", id: "abc" })).toEqual([422, "invalid"]);
  expect(await post("restart", { office: "sandbox", id, force: true })).toEqual([422, "invalid"]);
  expect(await post("restart", { office: 7, id })).toEqual([422, "invalid"]);
  expect(await post("tasks", { office: "sandbox", states: ["purple"], text: "" })).toEqual([422, "invalid"]);
  expect(await post("correct", { office: "sandbox", id, dossier_code: "X" })).toEqual([409, "wrong_state"]);
  expect(await post("set_language", { language: "klingon" })).toEqual([422, "invalid"]);
  expect(await sandbox.status(id)).toBe("queued");
});

test("nonsense in the address shows the default list", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const id = await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "A.pdf" }, failed("period_not_open", { period: "201802" }));
  await sandbox.one({ kind: SYNC, dossier: "AAA" });
  await sandbox.signIn(page, "support");
  for (const query of ["status=foo&task=abc", "status=&task=&q=", "status=,,,&task=-1", "nothing=%F0%9F", "status=foo,bar&task=99999999999999999999"]) {
    const answer = await page.goto(`${sandbox.server.url}/o/sandbox/tasks?${query}`);
    expect(answer!.status(), query).toBe(200);
    await alive(page);
    await expect(page.locator("li.tr"), query).toHaveCount(1);
    await expect(row(page, id)).toBeVisible();
    await expect(page.locator("[data-chip][aria-current=true]")).toHaveCount(2);
  }
  // what was typed is text, never markup
  await page.goto(`${sandbox.server.url}/o/sandbox/tasks?q=${encodeURIComponent('"><img src=x onerror=alert(1)>')}`);
  await alive(page);
  await expect(page.locator("main img")).toHaveCount(0);
  await expect(page.getByText("No task matches this filter.")).toBeVisible();
  expect((await page.goto(`${sandbox.server.url}/o/sandbox/tasks/abc`))!.status()).toBe(404);
  await expect(page.getByText("There is no such page, or it belongs to another office.")).toBeVisible();
});

test("what connectors and integrations say is shown as text, never as markup", async ({ sandbox, page }) => {
  const evil = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>";
  await sandbox.hello();
  await sandbox.deliver({ kind: ACTIVATE, dossier: "AAA", payload: { name: evil, package: "adsolut" }, subject: evil });
  await sandbox.report((await sandbox.claim())[0]!, failed("period_not_open", { period: "201802" }, evil));
  const id = await sandbox.fail({ kind: ACTIVATE, dossier: "BBB", payload: { name: evil, package: "exact_online" } }, failed("dossier_access_missing", { connector_user: evil }, evil));
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id);
  await expect(panel.locator("ol").first()).toContainText(evil);
  await expect(page.locator("main img, main script")).toHaveCount(0);
  await expect(page).not.toHaveTitle(/owned/);
});

test.describe("the command line", () => {
  const dir = mkdtempSync(join(tmpdir(), "nachtwacht-cli-"));
  test.afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.env.NACHTWACHT_BIN ?? "", args, { encoding: "utf8", timeout: 60_000 });
    return { status, stdout, stderr };
  };
  const site = () => ["--site", process.env.NACHTWACHT_SITE_DIR ?? ""];

  test("every wrong word is named on stderr, in one sentence, and the exit code is 2", async () => {
    for (const [args, part] of [
      [["sing"], '"sing" is not a command'], [["serve"], "--data is missing"], [["serve", "--data", dir, "--shout"], "--shout"],
      [["serve", "--data", dir, "--listen", "nowhere"], "127.0.0.1:3100"], [["serve", "--data", dir, "--data", dir], "stands twice"],
      [["connector", "--url", "ftp://x"], "http://"], [["connector", "--url", "http://x", "--adapter", "simulate"], "--token-file is missing"],
      [["deliver", "--url", "http://x", "--token-file", join(dir, "none"), "--dossier", "A"], "cannot be read"],
    ] as [string[], string][]) {
      const { status, stdout, stderr } = run(...args);
      expect(status, args.join(" ")).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toContain(part);
      expect(stderr).toContain("See nachtwacht --help.");
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
    expect(run("--help")).toMatchObject({ status: 0, stderr: "" });
    expect(run("--version").stdout).toMatch(/^nachtwacht \d+\.\d+\.\d+\n$/);
  });

  test("a port in use, a data folder in use, of another kind, or that cannot be made: a sentence and exit code 1", async () => {
    const server = await startServer();
    const taken = run("serve", "--data", join(dir, "one"), "--listen", `127.0.0.1:${server.port}`, ...site());
    expect(taken.status).toBe(1);
    expect(taken.stderr).toContain(`127.0.0.1:${server.port} is in use by another program. Choose another with --listen.`);
    const same = run("serve", "--data", server.dir, "--listen", "127.0.0.1:0", ...site());
    expect(same.status).toBe(1);
    expect(same.stderr).toMatch(/in use|another/);
    // an office that was set up by its admin is not the demo: once stopped, --demo refuses it
    await server.stop();
    const file = join(dir, "a-file");
    writeFileSync(file, "not a folder");
    for (const args of [["--data", file], ["--data", join(file, "below")], ["--data", join(dir, "two"), "--site", join(dir, "no-site")]]) {
      const { status, stderr } = run("serve", "--listen", "127.0.0.1:0", ...(args.includes("--site") ? [] : site()), ...args);
      expect(status, args.join(" ")).toBe(1);
      expect(stderr.trim(), args.join(" ")).not.toBe("");
      expect(stderr).not.toContain("panicked");
    }
  });

  test("a database that is none is left alone", async () => {
    const data = mkdtempSync(join(dir, "broken-"));
    writeFileSync(join(data, "nachtwacht.db"), "this is a letter, not a database ".repeat(200));
    const { status, stderr } = run("serve", "--data", data, "--listen", "127.0.0.1:0", ...site());
    expect(status).toBe(1);
    expect(stderr).not.toContain("panicked");
    expect(stderr.trim()).not.toBe("");
  });

  test("the demo is not put into a folder that holds somebody's desk", async ({ page }) => {
    const server = await startServer();
    await begin(page, server);
    expect(await server.stop()).toBe(0);
    const refused = run("serve", "--data", server.dir, "--listen", "127.0.0.1:0", "--demo", ...site());
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("This data folder holds a desk that is not the demo. Leave out --demo, or name another folder.");
  });

  test("a wrong token: deliver says so and delivers nothing", async ({ sandbox }) => {
    const token = join(dir, "wrong.token");
    writeFileSync(token, "nwi_nonsense");
    const { status, stderr } = run("deliver", "--url", sandbox.server.url, "--token-file", token, "--dossier", "AAA", "--activate", "A");
    expect(status).toBe(1);
    expect(stderr.trim()).not.toBe("");
    expect(stderr).not.toContain("panicked");
  });
});

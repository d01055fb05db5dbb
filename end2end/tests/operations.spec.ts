/** S6: what those who keep the program running have: health, figures, logs, backup and restore. */
import { expect } from "@playwright/test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Clock, MINUTE, SECOND, instant, local } from "./clock";
import { companies, form, helloServer } from "./jobs";
import { BOOK, Sandbox, failed, row, test } from "./sandbox";
import { freePort, startServer, type Server } from "./support";

const run = (...args: string[]) => spawnSync(process.env.NACHTWACHT_BIN!, args, { encoding: "utf8" });

/** The value of one line of the figures. */
async function figure(port: number, line: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const found = text.split("\n").find((l) => l.startsWith(`${line} `));
  expect(found, `${line} in\n${text}`).toBeDefined();
  return Number(found!.split(" ").at(-1));
}

/** Reads the events that an integration is told behind number `after` until `found` finds what it looks for. */
async function events<T>(sandbox: Sandbox, after: number, found: (text: string) => T | undefined): Promise<T> {
  const headers = { authorization: `Bearer ${sandbox.keys.sandbox.integration_token}`, "last-event-id": String(after) };
  const answer = await fetch(`${sandbox.server.url}/api/v1/events`, { headers });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ; ) {
    const what = found(text);
    if (what !== undefined) {
      await reader.cancel();
      return what;
    }
    text += (await reader.read()).value;
  }
}

test("[S6.1] figures for Prometheus follow the work, at an address of their own", async ({}) => {
  const port = await freePort();
  const server = await startServer({ demo: true, args: ["--metrics", `127.0.0.1:${port}`] });
  const sandbox = new Sandbox(server);
  await sandbox.dossiers("adsolut", "CASE");
  const [orange, events, claims] = [
    await figure(port, 'nachtwacht_tasks{state="action_required"}'),
    await figure(port, "nachtwacht_events_total"),
    await figure(port, 'nachtwacht_http_request_seconds_count{door="claim",status="2xx"}'),
  ];
  await sandbox.fail({ kind: BOOK, dossier: "CASE" }, failed("period_not_open", { period: "201802" }));
  expect(await figure(port, 'nachtwacht_tasks{state="action_required"}')).toBeGreaterThan(orange);
  expect(await figure(port, "nachtwacht_events_total")).toBeGreaterThanOrEqual(events + 3);
  expect(await figure(port, 'nachtwacht_http_request_seconds_count{door="claim",status="2xx"}')).toBe(claims + 1);
  expect(await figure(port, "nachtwacht_ready")).toBe(1);
  expect(await figure(port, "nachtwacht_commit_seconds_count")).toBeGreaterThan(0);
  // nothing of an office stands there, and visitors of the desk do not find it
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const figures = await answer.text();
  expect(figures).not.toMatch(/\b(gent|kristiansand|sandbox|halden|vos)\b/i);
  expect(figures).not.toContain("CASE");
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  // the same port twice is said, and nothing is served
  const taken = run("serve", "--data", join(server.dir, "two"), "--listen", "127.0.0.1:0", "--metrics", `127.0.0.1:${port}`, "--site", process.env.NACHTWACHT_SITE_DIR!);
  expect([taken.status, taken.stderr]).toEqual([1, expect.stringContaining("Choose another with --metrics.")]);
  await server.kill();
});

test("[S6.1] every line of the log is an object with a time, a level and where it comes from", async ({}) => {
  const server = await startServer({ args: ["--log-json"], env: { NACHTWACHT_LOG: "debug" } });
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  expect(await (await fetch(`${server.url}/health/ready`)).text()).toBe("ready");
  expect(await server.stop()).toBe(0);
  const lines = server.output().split("\n").filter((l) => l.startsWith("{")).map((l) => JSON.parse(l));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toMatchObject({ timestamp: expect.any(String), level: expect.any(String), target: expect.any(String) });
  expect(lines.map((l) => l.fields.message)).toContain("stopping: nothing new is granted, and what is under way ends");
});

test("a desk at work is copied, and begins again from the copy elsewhere without doing anything by itself", async ({ sandbox, page }) => {
  const files = mkdtempSync(join(tmpdir(), "nachtwacht-backup-"));
  let moved: Server | undefined;
  try {
    await companies(sandbox, "JOB");
    await sandbox.dossiers("adsolut", "CASE", "NEXT");
    const due = local(Date.now() + 20 * MINUTE);
    const job = await sandbox.as("operator_sandbox", (call) =>
      call("new_job", { office: "sandbox", form: form("outgoing_invoice_status", "JOB", due.clock, { params: { integration: "Status" } }), despite: null, confirmed: false }));
    const orange = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "before.pdf" }, failed("period_not_open", { period: "201802" }));
    const waits = await sandbox.one({ kind: BOOK, dossier: "NEXT", subject: "waits.pdf" });
    // a mail that waits for a server which takes none
    await sandbox.signIn(page, "support");
    const settings = { host: "127.0.0.1", port: 9, security: "none", username: "", password: null, sender: "desk@example.com", address: sandbox.server.url };
    for (const [name, more] of [["save_mail", { settings }], ["test_mail", {}]] as const) {
      const answer = await page.request.post(`${sandbox.server.url}/api/desk/${name}`, { data: { office: "sandbox", ...more } });
      expect(answer.status(), name).toBe(200);
    }
    const file = join(files, "desk.backup");
    const copied = run("backup", "--data", sandbox.server.dir, "--to", file);
    expect([copied.status, copied.stderr]).toEqual([0, ""]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // after the copy the old desk goes on: this is what the new one cannot know
    const under = await sandbox.claimOne();
    expect(under.id).toBe(waits);
    const later = await sandbox.one({ kind: BOOK, dossier: "CASE", subject: "after.pdf" });

    expect(run("backup", "--data", sandbox.server.dir, "--to", file).stderr).toContain("is there already, and nothing is written over");
    expect(run("restore", "--from", file, "--data", sandbox.server.dir).stderr).toContain("Another Nachtwacht uses this data folder");
    const dir = join(files, "data");
    const begun = run("restore", "--from", file, "--data", dir);
    expect([begun.status, begun.stderr]).toEqual([0, ""]);
    expect(begun.stdout).toMatch(/\d+ tasks were waiting or under way/);
    expect(existsSync(join(dir, "nachtwacht.db.part"))).toBe(false);

    // there the job is due
    const clock = new Clock(join(files, "clock"));
    await clock.set(instant(due.day, due.clock) + SECOND);
    moved = await startServer({ demo: true, dir, args: ["--clock", clock.file] });
    const anew = new Sandbox(moved);
    expect(await anew.status(orange)).toBe("action_required");
    expect(await anew.status(waits)).toBe("queued");
    // a lease of the old desk is a stranger here, and nothing is handed out
    const report = await anew.connector(0, "report", { reports: [{ task: under.id, lease: under.lease, outcome: { succeeded: {} } }] });
    expect(report.body.reports[0].error.code).toBe("stale_lease");
    await helloServer(anew);
    // what is due there waits with the others
    const runs = () => anew.as("operator_sandbox", (call) => call("runs", { office: "sandbox", ask: { state: [], job, before: null } }));
    await expect.poll(async () => (await runs()).lines).toEqual([expect.objectContaining({ job, state: "planned", started: null })]);
    expect(await anew.claim()).toEqual([]);
    // an integration that knows of what came after the backup is told to read afresh
    const told = await events(sandbox, 0, (text) => text.split("\n\n").find((e) => e.includes(`"task":"${later}"`) && /^id: /m.test(e)));
    const seen = Number(/^id: (\d+)/m.exec(told)![1]);
    const first = await events(anew, seen, (text) => (text.includes("\n\n") ? text : undefined));
    expect(first).toMatch(/^event: reset\n/);
    // a number that the old desk gave meanwhile means nothing else here
    expect((await anew.integration("task", { id: later })).status).toBe(404);
    expect(Number(await anew.one({ kind: BOOK, dossier: "CASE" }))).toBeGreaterThan(Number(later));

    // a person reads why, looks, and lets the connector go
    await anew.signIn(page, "support");
    await anew.open(page, "/o/sandbox/connectors");
    const line = page.locator('tr[data-connector="Sandbox 1"]');
    await expect(line).toContainText("A backup was put back: look first what was done after it, then let it go.");
    await line.locator("summary").click();
    await line.getByRole("button", { name: "Let go" }).click();
    await expect(line).not.toContainText("A backup was put back");
    const handed = await anew.claim();
    expect(handed.map((t) => t.id)).toContain(waits);
    expect(handed.map((t) => t.payload.job)).toContain(job);
    await anew.open(page, "/o/sandbox/tasks");
    await expect(row(page, orange)).toHaveAttribute("data-state", "action_required");
    await page.goto(`${moved.url}/o/sandbox/audit?what=restore`);
    await expect(page.locator("main")).toContainText("Backup put back");
    // what waited to be sent is sent when somebody asks for it
    await anew.open(page, "/o/sandbox/mail");
    // towards eight of a working day the digest is beside it
    const mail = page.getByTestId("outbox").locator("tbody tr").filter({ has: page.getByRole("cell", { name: "Test", exact: true }) });
    await expect(mail).toContainText("It was waiting when the backup was taken, and may have been sent since.");
    // on a phone as well, without looking for it sideways
    await page.setViewportSize({ width: 390, height: 844 });
    const sideways = await page.locator(".scroll:has(table)").evaluate((e) => e.scrollWidth - e.clientWidth);
    expect(sideways).toBe(0);
    await mail.getByRole("button", { name: "Try again" }).click();
    await expect(mail).not.toContainText("It was waiting when the backup was taken");
  } finally {
    await moved?.kill();
    rmSync(files, { recursive: true });
  }
});

test("live is red when the writer or a loop has stopped, or the program ends; started anew by whoever watches it, it is live", async () => {
  test.slow();
  const files = mkdtempSync(join(tmpdir(), "nachtwacht-rehearsal-"));
  const live = async (server: Server) => {
    const answer = await fetch(`${server.url}/health/live`);
    return `${answer.status} ${await answer.text()}`;
  };
  // No fault from outside stops one part alone, so the program is asked to hang it: it really stands still then, and
  // what is proven, that its watch misses the beat and says so, happens as ever.
  const file = join(files, "parts");
  const args = ["--rehearse", file];
  try {
    writeFileSync(file, "");
    // the event stream beats when there is something to tell, as in the demo
    let server = await startServer({ demo: true, args });
    /** What a supervisor does with a program that is not live, or is gone. */
    const anew = async () => {
      await server.kill();
      writeFileSync(file, "");
      server = await startServer({ demo: true, args, dir: server.dir, port: server.port });
      await expect.poll(() => live(server)).toBe("200 live");
    };
    await expect.poll(() => live(server)).toBe("200 live");
    for (const part of ["writer", "ticker", "scheduler", "mail", "live"]) {
      writeFileSync(file, part);
      await expect.poll(() => live(server)).toBe(`503 ${part} has stopped`);
      await anew();
    }
    for (const part of ["writer", "scheduler"]) {
      writeFileSync(file, `${part}!`);
      await expect.poll(() => live(server).catch(() => "gone")).toBe("gone");
      // what it printed last is there once it has ended
      await server.kill();
      expect(server.output()).toContain("a part of the desk has ended; the program ends, to be started anew");
      await anew();
    }
    await server.kill();
  } finally {
    rmSync(files, { recursive: true });
  }
});

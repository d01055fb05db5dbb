/** Mail through a real SMTP server: what people are told, in their language, what fails and is tried again. */
import { expect, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SMTPServerOptions } from "smtp-server";
import { Clock, DAY, HOUR, MINUTE, SECOND, Watch, after, draft, instant, local, shutOut, test } from "./clock";
import { apply, begin, claimRuns, companies, desk, ran } from "./jobs";
import { No, Post, type Mail } from "./post";
import { BOOK, alive, failed } from "./sandbox";
import { axe, startServer } from "./support";

const CLOSED = failed("period_not_open", { period: "201802" });
/** Of the office `sandbox`, where only a test makes anything happen: its admin, its operator and its employee. */
const ADA = "ada@sandbox.example";
const OLAV = "olav@sandbox.example";
const ELS = "els@sandbox.example";
const EMMA = "emma@halden-vos.example";
const LOTTE = "lotte@halden-vos.example";

/** The office sends through this server, unencrypted as on one computer. */
async function through(watch: Watch, admin: Page, post: Post, office = "gent"): Promise<void> {
  const settings = { host: "127.0.0.1", port: post.port, security: "none", username: "", password: null, sender: "desk@halden-vos.example", address: watch.server.url };
  const { status, body } = await watch.call(admin, "save_mail", { office, settings });
  expect(status, JSON.stringify(body)).toBe(200);
}

/** The first mail to somebody whose subject is like this, once it is there: the desk looks every minute what is to be told. */
async function arrived(post: Post, to: string, subject: RegExp): Promise<Mail> {
  let found: Mail | undefined;
  await expect.poll(() => (found = post.of(to).find((m) => subject.test(m.subject))) !== undefined, { message: `${subject} to ${to}`, timeout: 90_000 }).toBe(true);
  return found!;
}

/** The tests of the outbox, the latest first: at some hours other mails come between. */
const tests = (page: Page) => page.getByTestId("outbox").locator("tbody tr").filter({ has: page.getByRole("cell", { name: "Test", exact: true }) });
const WORKS = "Mail from Nachtwacht works";

/** An admin of the office `sandbox` gives somebody a dossier to manage. */
async function manages(watch: Watch, admin: Page, email: string, code: string): Promise<void> {
  const ask = async (call: string, more: Record<string, unknown>) => {
    const { status, body } = await watch.call(admin, call, { office: "sandbox", ...more });
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };
  const person = (await ask("people", { text: email }))[0].id;
  const dossier = (await ask("dossiers_for", { person, text: code })).find((d: any) => d.code === code).id;
  await ask("set_managed", { person, add: [dossier], remove: [] });
}

/** A task of the dossier AAA waits for an employee, and what is to be told of it is due; gives its number. */
async function stops(watch: Watch): Promise<string> {
  const id = await watch.fail({ kind: BOOK, dossier: "AAA" }, CLOSED);
  await watch.clock.set(watch.clock.now() + MINUTE + SECOND);
  return id;
}

/** So much time passes; a desk that starts looks at once what it has brought, not after its minute. */
async function passes(watch: Watch, time: number): Promise<void> {
  await watch.clock.set(watch.clock.now() + time);
  await watch.crash();
  await watch.hello();
}

const ACTION = /^\d+ tasks? needs? your action$/;
const REMINDER = /still waits? for you$/;
const CLOSES = /^Nachtwacht closes on /;

/** What somebody was told of a task. */
const told = (post: Post, to: string, subject: RegExp, task: string): Mail[] =>
  post.of(to).filter((m) => subject.test(m.subject) && new RegExp(`/o/sandbox/tasks/${task}\\b`).test(m.text));

/** They are told of the task, once it has come. */
async function tell(post: Post, to: string, subject: RegExp, task: string): Promise<Mail> {
  await expect.poll(() => told(post, to, subject, task).length, { message: `${subject} about ${task} to ${to}` }).toBe(1);
  return told(post, to, subject, task)[0]!;
}

/** All that is to go out has gone: one connection sends an office's mail in the order in which it was written. */
async function allSent(watch: Watch, admin: Page, post: Post): Promise<void> {
  const before = post.of(ADA).filter((m) => m.subject === WORKS).length;
  expect((await watch.call(admin, "test_mail", { office: "sandbox" })).status).toBe(200);
  await expect.poll(() => post.of(ADA).filter((m) => m.subject === WORKS).length).toBe(before + 1);
}

/** A certificate of an authority of the office's own, for a mail server on this computer. */
function certificate(): { dir: string; ca: string; tls: { key: Buffer; cert: Buffer } } {
  const dir = mkdtempSync(join(tmpdir(), "nachtwacht-tls-"));
  const file = (name: string) => join(dir, name);
  const [key, cert, ca] = [file("key.pem"), file("cert.pem"), file("ca.pem")];
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", file("ca-key.pem"), "-out", ca, "-days", "30000", "-subj", "/CN=The office's own");
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", file("csr.pem"), "-subj", "/CN=localhost");
  writeFileSync(file("san"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n");
  openssl("x509", "-req", "-in", file("csr.pem"), "-CA", ca, "-CAkey", file("ca-key.pem"), "-CAcreateserial", "-out", cert, "-days", "30000", "-extfile", file("san"));
  return { dir, ca, tls: { key: readFileSync(key), cert: readFileSync(cert) } };
}

/** The first link of a mail that looks like this. */
const link = (mail: Mail, like: RegExp): string => (mail.text.match(/https?:\/\/\S+/g) ?? []).find((l) => like.test(l))!;

async function outbox(watch: Watch, page: Page, office = "gent"): Promise<void> {
  await page.goto(`${watch.server.url}/o/${office}/mail`);
  await alive(page);
}

test("settings over TLS with a password are kept, tried by a button, and a password is never shown nor sent in the clear", async ({ page, browser }) => {
  const { dir, ca, tls } = certificate();
  const logins: string[] = [];
  const options = { ...tls, secure: true };
  const onAuth: SMTPServerOptions["onAuth"] = (auth, _, done) => {
    logins.push(`${auth.username}/${auth.password}`);
    done(auth.password === "s3cret word" ? null : new Error("no"), { user: "u" });
  };
  const post = await Post.open({ ...options, onAuth });
  const starttls = await Post.open({ ...options, secure: false, onAuth });
  const clock = new Clock(join(dir, "clock"));
  const watch = new Watch(await startServer({ demo: true, args: ["--clock", clock.file, "--mail-ca", ca] }), clock);
  await watch.signIn(page, "admin");
  await page.goto(`${watch.server.url}/o/gent/settings`);
  await alive(page);
  await page.getByRole("main").getByRole("link", { name: "Mail" }).click();
  await expect(page.getByText("Nothing is sent until the mail server is set up.")).toBeVisible();
  await expect(page.locator("#address")).toHaveValue(watch.server.url);
  await axe(page);

  // nonsense is named at its field
  await page.getByRole("button", { name: "Send me a test" }).click();
  await expect(page.getByText("Save the settings first.")).toBeVisible();
  await page.locator("#host").fill("mail server\nX: y");
  await page.locator("#port").fill("99999");
  await page.locator("#sender").fill("nobody");
  await page.locator("#address").fill("desk");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.locator("#host-note")).toHaveText(/Name a mail server/);
  await expect(page.locator("#port-note")).toContainText("65535");
  await expect(page.locator("#sender-note")).not.toBeEmpty();
  await expect(page.locator("#address-note")).toHaveText(`Links lead to this desk only: ${watch.server.url}.`);
  await page.locator("#security").selectOption("none");
  await page.locator("#mail-password").fill("s3cret word");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.locator("#security-note")).toHaveText(/must not be sent in the clear/);

  const save = async (port: number, security: string, password: string) => {
    await page.locator("#host").fill("localhost");
    await page.locator("#port").fill(String(port));
    await page.locator("#security").selectOption(security);
    await page.locator("#username").fill("desk");
    await page.locator("#mail-password").fill(password);
    await page.locator("#sender").fill("desk@halden-vos.example");
    await page.locator("#address").fill(watch.server.url);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByText("Saved.")).toBeVisible();
    await page.getByRole("button", { name: "Send me a test" }).click();
    await expect(page.getByText("A test is on its way.")).toBeVisible();
  };
  const first = tests(page).first();
  await save(post.port, "tls", "wrong");
  await expect(first).toContainText("does not take the user name and the password");
  // it waits, and those who look after the desk are told at once, by the bell and on Alerts
  const support = await watch.person(await browser.newContext(), "support");
  for (const who of [page, support]) {
    await watch.open(who, "/o/gent/alerts");
    await expect(who.locator("[data-alert=mail_log_in]").getByRole("heading", { name: "The mail server refuses the log-in" })).toBeVisible();
    await who.getByTestId("bell").locator("summary").click();
    await expect(who.locator("[data-notice=mail_log_in]")).toBeVisible();
  }
  await outbox(watch, page);
  await save(post.port, "tls", "s3cret word");
  await arrived(post, LOTTE, new RegExp(WORKS));
  // the first one, too: it was never given up
  await expect.poll(() => post.of(LOTTE).filter((m) => m.subject === WORKS).length).toBe(2);
  await expect(first).toContainText(/^.*Sent/s);
  await watch.open(support, "/o/gent/alerts");
  await expect(support.locator("[data-alert=mail_log_in]")).toHaveCount(0);
  // an empty password keeps the one there is, for the same server; another does not get it
  await save(post.port, "tls", "");
  await page.locator("#port").fill(String(starttls.port));
  await page.locator("#security").selectOption("starttls");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.locator("#mail-password-note")).toContainText("Give the password again");
  await save(starttls.port, "starttls", "s3cret word");
  await arrived(starttls, LOTTE, new RegExp(WORKS));
  expect(new Set(logins)).toEqual(new Set(["desk/wrong", "desk/s3cret word"]));
  for (const p of [post, starttls]) {
    const mail = p.of(LOTTE).find((m) => m.subject === WORKS)!;
    expect(mail.html).toContain("this reached you");
    expect(mail.text).toContain("Hello Lotte Maes,");
  }
  // nothing gives the password away
  await page.reload();
  await alive(page);
  expect(await page.content()).not.toContain("s3cret");
  expect(JSON.stringify((await watch.call(page, "mail", { office: "gent" })).body)).not.toContain("s3cret");
  await axe(page);
  await watch.server.kill();
  await post.close();
  await starttls.close();
});

test("[S5.1] invitation, action required, reminder, new password and downtime go out through a server with TLS and password, each once", async ({ page: admin, browser }) => {
  test.slow();
  const { dir, ca, tls } = certificate();
  const logins: string[] = [];
  const post = await Post.open({
    ...tls,
    secure: true,
    onAuth: (auth, _, done) => {
      logins.push(`${auth.username}/${auth.password}`);
      done(auth.password === "s3cret word" ? null : new Error("no"), { user: "desk" });
    },
  });
  const clock = new Clock(join(dir, "clock"));
  const args = ["--clock", clock.file, "--mail-ca", ca];
  const watch = new Watch(await startServer({ demo: true, args }), clock, args);
  await watch.dossiers("adsolut", "AAA");
  await watch.signIn(admin, "admin_sandbox");
  await manages(watch, admin, ELS, "AAA");
  await outbox(watch, admin, "sandbox");
  for (const [field, text] of [["host", "localhost"], ["port", String(post.port)], ["username", "desk"], ["mail-password", "s3cret word"], ["sender", "desk@sandbox.example"], ["address", watch.server.url]] as const) {
    await admin.locator(`#${field}`).fill(text);
  }
  await admin.locator("#security").selectOption("tls");
  await admin.getByRole("button", { name: "Save", exact: true }).click();
  await expect(admin.getByText("Saved.")).toBeVisible();

  await watch.open(admin, "/o/sandbox/users");
  await admin.getByRole("link", { name: "Invite somebody" }).click();
  await admin.getByLabel("Name", { exact: true }).fill("Nora Nieuw");
  await admin.getByLabel("E-mail address").fill("nora@sandbox.example");
  await admin.getByRole("button", { name: "Make the invitation" }).click();
  const INVITED = /^Your account at Sandbox/;
  const invitation = await arrived(post, "nora@sandbox.example", INVITED);
  expect(link(invitation, /\/sign-in\/nws_/)).toContain(watch.server.url);

  const closes = watch.clock.minute(3 * DAY);
  const { day, clock: time } = local(closes);
  await watch.settings(admin, "sandbox");
  await admin.locator("#closes-day").fill(day);
  await admin.locator("#closes-clock").fill(time);
  await admin.locator("#reason").fill("The year-end runs.");
  await admin.getByRole("button", { name: "Review and announce" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Announce" }).click();
  expect((await arrived(post, ELS, CLOSES)).text).toContain("The year-end runs.");

  const guest = await (await browser.newContext()).newPage();
  await guest.goto(`${watch.server.url}/forgot`);
  await guest.locator("#email").fill(ELS);
  await guest.getByRole("button", { name: "Send the link" }).click();
  const RESET = /^Choose a new password$/;
  await arrived(post, ELS, RESET);

  const first = await stops(watch);
  await tell(post, ELS, ACTION, first);
  await passes(watch, DAY + HOUR);
  await tell(post, ELS, REMINDER, first);

  // what happens later is told, and nothing of the earlier again
  const second = await stops(watch);
  await tell(post, ELS, ACTION, second);
  await allSent(watch, admin, post);
  for (const [to, subject, n] of [["nora@sandbox.example", INVITED, 1], [ELS, CLOSES, 1], [ELS, RESET, 1], [ELS, ACTION, 2], [ELS, REMINDER, 1]] as const) {
    expect(post.of(to).filter((m) => subject.test(m.subject)).length, `${subject} to ${to}`).toBe(n);
  }
  expect(told(post, ELS, ACTION, first)).toHaveLength(1);
  expect([...new Set(logins)]).toEqual(["desk/s3cret word"]);
  await watch.server.kill();
  await post.close();
  rmSync(dir, { recursive: true });
});

test("[S1.2] an invitation comes by mail in the person's language, also during a downtime, and its link is good once", async ({ watch, page, browser }) => {
  const post = await Post.open();
  await watch.signIn(page, "admin");
  await through(watch, page, post);
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(page, closes, { until: closes + HOUR });
  await watch.clock.set(closes + SECOND);
  const email = `nora-${Date.now()}@halden-vos.example`;
  const person = { name: "Nora Nieuw", email, role: "employee", language: "nl" };
  expect((await watch.call(page, "invite", { office: "gent", person })).status).toBe(200);
  const mail = await arrived(post, email, /^Uw account bij Halden & Vos/);
  expect(mail.text).toContain("Dag Nora Nieuw,");
  expect(mail.headers.get("auto-submitted")).toBe("auto-generated");
  const to = link(mail, /\/sign-in\/nws_/);
  expect(mail.html).toContain(to);
  // programs that look at links use nothing up
  for (let n = 0; n < 3; n++) expect((await page.request.get(to)).status()).toBe(200);
  const guest = await (await browser.newContext()).newPage();
  await guest.goto(to);
  await guest.locator("#password").fill("a long enough password");
  await guest.getByTestId("sign-in").click();
  await expect(guest.getByRole("heading", { level: 1 })).toHaveText(/dicht voor onderhoud|closed for maintenance/);
  expect((await page.request.get(to)).status()).toBe(404);
  // nothing of the link is kept
  expect(JSON.stringify((await watch.call(page, "mail", { office: "gent" })).body)).not.toContain("nws_");
  await watch.lift(page, id);
  await post.close();
});

test("what needs an employee is told to the dossier's managers once, then reminded, then the admin; each can say no", async ({ watch, page, browser }) => {
  const post = await Post.open();
  await watch.signIn(page, "admin");
  await through(watch, page, post);
  await watch.clock.set(watch.clock.now() + 2 * MINUTE);
  const mail = await arrived(post, EMMA, /^\d+ tasks? needs? your action$/);
  const task = link(mail, /\/o\/gent\/tasks\/\d+$/);
  expect(mail.html).toContain("<ul");
  // the link leads to the task
  const staff = await watch.person(await browser.newContext(), "employee");
  await staff.goto(task);
  await alive(staff);
  await expect(staff.getByTestId("status").first()).toHaveText(/Action employee required/);
  // not twice
  const told = post.of(EMMA).filter((m) => m.text.includes(task)).length;
  expect(told).toBe(1);

  // a day later they are reminded, three days later the admin is; a desk that starts looks at once, not after its minute
  await watch.clock.set(watch.clock.now() + DAY + HOUR);
  await watch.crash();
  await arrived(post, EMMA, /still waits? for you$/);
  await watch.clock.set(watch.clock.now() + 2 * DAY + HOUR);
  await watch.crash();
  await arrived(post, LOTTE, /managers? ha(s|ve) not acted$/);

  // no more of them: by the link of the mail, which looking at does not use
  const reminder = await arrived(post, EMMA, /still waits? for you$/);
  const stop = link(reminder, /\/forms\/unsubscribe\//);
  expect(String(reminder.raw)).toContain("List-Unsubscribe: <");
  expect((await page.request.get(stop)).status()).toBe(200);
  const anybody = await (await browser.newContext()).newPage();
  await anybody.goto(stop);
  await axe(anybody);
  await anybody.getByRole("button", { name: "Stop sending them" }).click();
  await expect(anybody.getByText("Done. Your profile lets you choose them again.")).toBeVisible();
  await watch.open(staff, "/o/gent/profile");
  const choice = staff.getByRole("switch", { name: "Reminders of what still waits" });
  await expect(choice).not.toBeChecked();
  await choice.check();
  await expect(staff.getByText("Saved.")).toBeVisible();
  await axe(staff);
  await staff.reload();
  await alive(staff);
  await expect(choice).toBeChecked();
  await post.close();
});

test("[S5.2] a link in a mail stops such mails for that person and nobody else; looking at it does not use it", async ({ watch, page: admin, browser }) => {
  test.slow();
  const post = await Post.open();
  await watch.dossiers("adsolut", "AAA");
  await watch.signIn(admin, "admin_sandbox");
  await through(watch, admin, post, "sandbox");
  // two people manage it: what one of them stops comes to the other all the same
  for (const who of [ELS, OLAV]) await manages(watch, admin, who, "AAA");
  const anybody = await (await browser.newContext()).newPage();
  const look = async (stop: string) => {
    // as programs do that follow links
    for (let n = 0; n < 3; n++) expect((await anybody.request.get(stop)).status()).toBe(200);
    await anybody.goto(stop);
    await expect(anybody.getByRole("button", { name: "Stop sending them" })).toBeVisible();
  };
  const press = async (stop: string) => {
    await anybody.goto(stop);
    await anybody.getByRole("button", { name: "Stop sending them" }).click();
    await expect(anybody.getByText("Done. Your profile lets you choose them again.")).toBeVisible();
  };
  const stopOf = (mail: Mail) => link(mail, /\/forms\/unsubscribe\//);

  // what needs an employee
  let task = await stops(watch);
  const action = stopOf(await tell(post, ELS, ACTION, task));
  await look(action);
  task = await stops(watch);
  await tell(post, ELS, ACTION, task);
  await press(action);
  task = await stops(watch);
  await tell(post, OLAV, ACTION, task);
  await allSent(watch, admin, post);
  expect(told(post, ELS, ACTION, task)).toEqual([]);

  // its reminder, which is another kind of mail
  await passes(watch, DAY + HOUR);
  const reminder = stopOf(await tell(post, ELS, REMINDER, task));
  await look(reminder);
  task = await stops(watch);
  await passes(watch, DAY + HOUR);
  await tell(post, ELS, REMINDER, task);
  await press(reminder);
  task = await stops(watch);
  await passes(watch, DAY + HOUR);
  await tell(post, OLAV, REMINDER, task);
  await allSent(watch, admin, post);
  expect(told(post, ELS, REMINDER, task)).toEqual([]);

  // a downtime, of which each change is told
  const closings = (who: string) => post.of(who).filter((m) => CLOSES.test(m.subject));
  const closes = watch.clock.minute(2 * DAY);
  const id = await watch.announce(admin, closes, {}, "sandbox");
  const move = async (to: number) => {
    const { body } = await watch.call(admin, "downtime", { office: "sandbox" });
    const moved = await watch.call(admin, "change_downtime", { office: "sandbox", id, version: body.standing[0].version, draft: draft(to), shift: false });
    expect(moved.status, JSON.stringify(moved.body)).toBe(200);
  };
  await expect.poll(() => closings(ELS).length).toBe(1);
  const downtime = stopOf(closings(ELS)[0]!);
  await look(downtime);
  await move(closes + HOUR);
  await expect.poll(() => closings(ELS).length).toBe(2);
  await press(downtime);
  await move(closes + 2 * HOUR);
  await expect.poll(() => closings(OLAV).length).toBe(3);
  await allSent(watch, admin, post);
  expect(closings(ELS)).toHaveLength(2);

  // what lets somebody in is always sent, and has no such link
  await anybody.goto(`${watch.server.url}/forgot`);
  await anybody.locator("#email").fill(ELS);
  await anybody.getByRole("button", { name: "Send the link" }).click();
  expect((await arrived(post, ELS, /^Choose a new password$/)).raw).not.toContain("unsubscribe");
  await post.close();
});

test("[S5.3] the digest comes on a working day at eight, to who has something to do, once; at 07:50 and on a Saturday there is none", async ({ watch, page: admin, browser }) => {
  const post = await Post.open();
  await watch.dossiers("adsolut", "AAA", "BBB");
  await watch.signIn(admin, "admin_sandbox");
  await through(watch, admin, post, "sandbox");
  await manages(watch, admin, ELS, "AAA");
  // somebody who manages a dossier in which nothing waits
  const idle = "ida@sandbox.example";
  const invited = await watch.call(admin, "invite", { office: "sandbox", person: { name: "Ida Idle", email: idle, role: "employee", language: "en" } });
  expect(invited.status).toBe(200);
  const ida = await (await browser.newContext()).newPage();
  await ida.goto(watch.server.url + invited.body);
  await ida.locator("#password").fill("a long enough password");
  await ida.getByTestId("sign-in").click();
  await alive(ida);
  await manages(watch, admin, idle, "BBB");
  const digests = (who: string) => post.of(who).filter((m) => /^Your day at Sandbox/.test(m.subject));
  /** What a round that looks for news at this time has to tell has been told: it tells of the task before the digest. */
  const round = async (at: number) => {
    await watch.clock.set(at - 2 * MINUTE);
    const task = await watch.fail({ kind: BOOK, dossier: "AAA" }, CLOSED);
    await watch.clock.set(at);
    await tell(post, ELS, ACTION, task);
    await allSent(watch, admin, post);
  };
  const today = local(watch.clock.now()).day;
  const saturday = after(today, (6 - new Date(today).getUTCDay() + 7) % 7 || 7);
  const monday = after(saturday, 2);
  await round(instant(saturday, "08:05"));
  await round(instant(monday, "07:50"));
  expect(digests(ELS)).toEqual([]);
  await round(instant(monday, "08:01"));
  expect(digests(ELS)).toHaveLength(1);
  expect(digests(ELS)[0]!.text).toMatch(/^3 tasks need you\.$/m);
  await round(instant(monday, "08:06"));
  expect(digests(ELS)).toHaveLength(1);
  expect(digests(idle)).toEqual([]);
  await post.close();
});

test("[S5.5] a server that refuses, hangs or greylists: tried again, shown, given up, and sent by hand; another office does not wait", async ({ watch, page, browser }) => {
  test.slow();
  const post = await Post.open();
  await watch.signIn(page, "admin_sandbox");
  await through(watch, page, post, "sandbox");
  await outbox(watch, page, "sandbox");
  const line = tests(page).first();
  const works = (at = post) => at.of(ADA).filter((m) => m.subject === WORKS).length;
  let asked = 0;
  const ask = async () => {
    await page.getByRole("button", { name: "Send me a test" }).click();
    await expect(tests(page)).toHaveCount(++asked);
  };
  /** The newest of the tests, as the outbox has it. */
  const newest = async () => (await watch.call(page, "mail", { office: "sandbox" })).body.lines.find((l: { kind: string }) => l.kind === "test");

  // greylisted at first, taken a minute later
  post.refuse = () => { throw new No(451, "4.7.1 Greylisted, come again"); };
  await ask();
  await expect(line).toContainText("Not sent yet, tried again");
  await expect(line).toContainText("The mail server says: not now. (451)");
  expect(works()).toBe(0);
  post.refuse = () => undefined;
  await watch.clock.set(watch.clock.now() + 61 * SECOND);
  await expect(line).toContainText(/Sent/);
  expect(works()).toBe(1);

  // greylisted for ever: tried again six times over most of a day, then given up and left to a person
  let refused = 0;
  post.refuse = () => { refused++; throw new No(451, "4.7.1 Greylisted, come again"); };
  await ask();
  for (const [n, minutes] of [1, 5, 15, 60, 240, 720].entries()) {
    await expect.poll(async () => (await newest()).tries).toBe(n + 1);
    await expect(line).toContainText("Not sent yet, tried again");
    await watch.clock.set(watch.clock.now() + minutes * MINUTE + SECOND);
  }
  await expect.poll(async () => (await newest()).tries).toBe(7);
  expect(refused).toBeGreaterThanOrEqual(7);
  await expect(line).toContainText(/Not sent(?! yet)/);
  await expect(page.getByText("1 mail could not be sent and waits for you.")).toBeVisible();
  expect((await newest()).next).toBeNull();
  post.refuse = () => undefined;
  await line.getByRole("button", { name: "Try again" }).click();
  await expect(line).toContainText(/Sent/);
  expect(works()).toBe(2);

  // refused for good: nothing more is done by itself, a person is told, and may try again
  post.refuse = () => { throw new No(550, "5.1.1 No such user"); };
  await ask();
  await expect(line).toContainText(/Not sent(?! yet)/);
  await expect(line).toContainText("The mail server refuses it. (550)");
  await expect(page.getByText("1 mail could not be sent and waits for you.")).toBeVisible();
  await axe(page);
  post.refuse = () => undefined;
  await line.getByRole("button", { name: "Try again" }).click();
  await expect(line).toContainText(/Sent/);
  expect(works()).toBe(3);

  // it hangs: another office's mail goes while it does, and it is tried again itself
  const other = await Post.open();
  const kari = await watch.person(await browser.newContext(), "admin_no");
  expect((await watch.call(kari, "set_language", { language: "nb" })).status).toBe(200);
  await through(watch, kari, other, "kristiansand");
  const elsewhere = () => other.of("kari@halden-vos.example").filter((m) => /^E-post fra Nachtwacht virker$/.test(m.subject)).length;
  post.hangs = true;
  const hung = post.tries;
  await ask();
  await expect.poll(() => post.tries).toBeGreaterThan(hung);
  expect(elsewhere()).toBe(0);
  expect((await watch.call(kari, "test_mail", { office: "kristiansand" })).status).toBe(200);
  await expect.poll(elsewhere).toBe(1);
  expect((await newest()).error).toBeNull();
  await expect(line).toContainText("Not sent yet, tried again");
  await expect(line).toContainText("The mail server does not answer.");
  post.hangs = false;
  await watch.clock.set(watch.clock.now() + 61 * SECOND);
  await expect(line).toContainText(/Sent/);
  expect(works()).toBe(4);

  // nobody listens at all: it says so, and the mail is not lost over a restart of the desk
  await post.close();
  await ask();
  await expect(line).toContainText(/cannot be reached|does not answer/);
  // twice in vain is no chance: those who look after the desk are told, and led to it
  await watch.clock.set(watch.clock.now() + 2 * MINUTE);
  await watch.open(page, "/o/sandbox/alerts");
  const alert = page.locator("[data-alert=mail]");
  await expect(alert.getByRole("heading", { name: "Mail does not go out" })).toBeVisible();
  await expect(alert).toContainText(/cannot be reached|does not answer/);
  await alert.getByRole("link", { name: "Open Mail" }).click();
  await page.waitForURL("**/mail");
  const again = await Post.open();
  await through(watch, page, again, "sandbox");
  await watch.crash();
  await watch.clock.set(watch.clock.now() + 10 * MINUTE);
  await arrived(again, ADA, /^Mail from Nachtwacht works$/);
  await again.close();
  await other.close();
});

test("[D13.1] action-required mails and reminders go out while it is closed", async ({ watch, page: admin, browser }) => {
  const post = await Post.open();
  await watch.dossiers("adsolut", "AAA");
  await watch.signIn(admin, "admin_sandbox");
  await through(watch, admin, post, "sandbox");
  await manages(watch, admin, ELS, "AAA");
  const id = await watch.one({ kind: BOOK, dossier: "AAA" });
  const held = await watch.claimOne();
  const closes = watch.clock.minute(11 * MINUTE);
  await watch.announce(admin, closes, {}, "sandbox");
  await watch.clock.set(closes + SECOND);
  const els = await watch.person(await browser.newContext(), "employee_sandbox");
  await shutOut(els);
  await watch.report(held, CLOSED);
  await watch.clock.set(closes + 2 * MINUTE);
  await tell(post, ELS, ACTION, id);
  await passes(watch, DAY + HOUR);
  await tell(post, ELS, REMINDER, id);
  await els.reload();
  await shutOut(els);
  await post.close();
});

test("[S5.4] a job's report goes to the addresses that its outputs name, and to no other", async ({ watch, page, browser }) => {
  const post = await Post.open();
  // far from the job's own time
  await watch.clock.set(instant(after(local(watch.clock.now()).day, 1), "12:00"));
  await companies(watch, "1");
  const admin = await watch.person(await browser.newContext(), "admin_sandbox");
  await through(watch, admin, post, "sandbox");
  await watch.signIn(page, "operator_sandbox");
  await begin(watch, page, "Transfer to debt collection");
  await page.getByLabel("Company", { exact: true }).selectOption("1");
  await page.getByLabel("Area").fill("K500");
  await page.getByLabel("Ledger type").fill("PFEL");
  await page.getByLabel("Dunning code").fill("PWS");
  await page.getByLabel("Start time", { exact: true }).fill("18:00");
  await page.locator("[data-output=proposal]").getByLabel("E-mail to").fill("proposal@town.example");
  await page.locator("[data-output=approval]").getByLabel("E-mail to").fill("approval@town.example");
  const id = await apply(page);
  const description = (await desk(watch, page, "job", { id })).line.description;
  for (const [outcome, words] of [[ran({ transferred: 2 }), "Finished"], [failed("unknown"), "Error"]] as const) {
    await page.getByTestId("verbs").getByRole("button", { name: "Run now" }).click();
    const [task] = await claimRuns(watch);
    await watch.report(task!, outcome);
    for (const who of ["proposal@town.example", "approval@town.example"]) {
      const mail = await arrived(post, who, new RegExp(`: ${words}$`));
      expect(mail.subject).toBe(`${description}: ${words}`);
      expect(link(mail, /\/jobs\/runs\//)).toBe(`${watch.server.url}/o/sandbox/jobs/runs/${task!.payload.run}`);
    }
  }
  await allSent(watch, admin, post);
  const reports = post.mails.filter((m) => m.subject.startsWith(description)).flatMap((m) => m.to);
  expect(reports.sort()).toEqual(["approval@town.example", "approval@town.example", "proposal@town.example", "proposal@town.example"]);
  await post.close();
});

test("a downtime is told by mail in each reader's language; alerts go out while it is closed, and their links wait", async ({ watch, page, browser }) => {
  const post = await Post.open();
  await watch.signIn(page, "admin");
  await through(watch, page, post);
  const closes = watch.clock.minute(11 * MINUTE);
  const reason: [string, string][] = [["en", "The year-end runs."], ["nl", "Het jaarwerk loopt."]];
  const id = await watch.announce(page, closes, { until: closes + HOUR, reason });
  const announced = await arrived(post, EMMA, /^Nachtwacht closes on /);
  expect(announced.text).toContain("The year-end runs.");
  await watch.clock.set(closes + 2 * MINUTE);
  // what needs an employee is told all the same
  const mail = await arrived(post, EMMA, /needs? your action$/);
  const staff = await watch.person(await browser.newContext(), "employee");
  const task = link(mail, /\/o\/gent\/tasks\/\d+$/);
  await staff.goto(task);
  await shutOut(staff);
  await watch.lift(page, id);
  await arrived(post, EMMA, /^Nachtwacht is open again$/);
  await staff.reload();
  await alive(staff);
  await expect(staff).toHaveURL(task);
  await post.close();
});

test("a new password by mail: nobody learns who has an account, and the link is good once", async ({ watch, page, browser }) => {
  const post = await Post.open();
  await watch.signIn(page, "admin");
  await through(watch, page, post);
  const guest = await (await browser.newContext()).newPage();
  await guest.goto(`${watch.server.url}/sign-in`);
  await guest.getByRole("link", { name: "Forgot your password?" }).click();
  await axe(guest);
  const ask = async (email: string) => {
    await guest.locator("#email").fill(email);
    await guest.getByRole("button", { name: "Send the link" }).click();
  };
  await ask("nobody@halden-vos.example");
  const answer = guest.getByText("If the address is known, a mail is on its way.");
  await expect(answer).toBeVisible();
  await guest.reload();
  await ask(EMMA.toUpperCase());
  await expect(answer).toBeVisible();
  const mail = await arrived(post, EMMA, /^Choose a new password$/);
  expect(post.of("nobody@halden-vos.example")).toHaveLength(0);
  await guest.goto(link(mail, /\/sign-in\//));
  await guest.locator("#password").fill("a brand new password");
  await guest.getByTestId("sign-in").click();
  await alive(guest);
  expect((await page.request.get(link(mail, /\/sign-in\//))).status()).toBe(404);
  // without scripts, or before they have come, it is said as well
  const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await plain.goto(`${watch.server.url}/forgot`);
  await expect(plain.getByText("If the address is known, a mail is on its way.")).toHaveCount(0);
  await plain.locator("#email").fill("nobody@halden-vos.example");
  await plain.getByRole("button", { name: "Send the link" }).click();
  await expect(plain.getByText("If the address is known, a mail is on its way.")).toBeVisible();
  // over and over again is refused
  let refused = 0;
  for (let n = 0; n < 15; n++) {
    const answer = await page.request.post(`${watch.server.url}/api/desk/ask_reset`, { form: { email: EMMA }, headers: { accept: "application/json" } });
    if (answer.status() === 429) refused++;
  }
  expect(refused).toBeGreaterThan(0);
  await post.close();
});

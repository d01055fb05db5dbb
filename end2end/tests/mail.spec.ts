/** Mail through a real SMTP server: what people are told, in their language, what fails and is tried again. */
import { expect, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SMTPServerOptions } from "smtp-server";
import { Clock, DAY, HOUR, MINUTE, SECOND, Watch, shutOut, test } from "./clock";
import { No, Post, type Mail } from "./post";
import { alive } from "./sandbox";
import { axe, startServer } from "./support";

const EMMA = "emma@halden-vos.example";
const LOTTE = "lotte@halden-vos.example";

/** The office sends through this server, unencrypted as on one computer. */
async function through(watch: Watch, admin: Page, post: Post, office = "gent"): Promise<void> {
  const settings = { host: "127.0.0.1", port: post.port, security: "none", username: "", password: null, sender: "desk@halden-vos.example", address: watch.server.url };
  const { status, body } = await watch.call(admin, "save_mail", { office, settings });
  expect(status, JSON.stringify(body)).toBe(200);
}

/** The first mail to somebody whose subject is like this, once it is there. */
async function arrived(post: Post, to: string, subject: RegExp): Promise<Mail> {
  let found: Mail | undefined;
  await expect.poll(() => (found = post.of(to).find((m) => subject.test(m.subject))) !== undefined, { message: `${subject} to ${to}`, timeout: 60_000 }).toBe(true);
  return found!;
}

/** The tests of the outbox, the latest first: at some hours other mails come between. */
const tests = (page: Page) => page.getByTestId("outbox").locator("tbody tr").filter({ has: page.getByRole("cell", { name: "Test", exact: true }) });
const WORKS = "Mail from Nachtwacht works";

/** The first link of a mail that looks like this. */
const link = (mail: Mail, like: RegExp): string => (mail.text.match(/https?:\/\/\S+/g) ?? []).find((l) => like.test(l))!;

async function outbox(watch: Watch, page: Page, office = "gent"): Promise<void> {
  await page.goto(`${watch.server.url}/o/${office}/mail`);
  await alive(page);
}

test("[S5] settings over TLS with a password are kept, tried by a button, and a password is never shown nor sent in the clear", async ({ page }) => {
  // a certificate of the office's own authority
  const dir = mkdtempSync(join(tmpdir(), "nachtwacht-tls-"));
  const file = (name: string) => join(dir, name);
  const [key, cert, ca] = [file("key.pem"), file("cert.pem"), file("ca.pem")];
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", file("ca-key.pem"), "-out", ca, "-days", "30000", "-subj", "/CN=The office's own");
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", file("csr.pem"), "-subj", "/CN=localhost");
  writeFileSync(file("san"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n");
  openssl("x509", "-req", "-in", file("csr.pem"), "-CA", ca, "-CAkey", file("ca-key.pem"), "-CAcreateserial", "-out", cert, "-days", "30000", "-extfile", file("san"));
  const logins: string[] = [];
  const options = { key: readFileSync(key), cert: readFileSync(cert), secure: true };
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
  await expect(page.locator("#address-note")).toHaveText(/Give the address of this desk/);
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
  await expect(first).toContainText(/Not sent|tried again/);
  await save(post.port, "tls", "s3cret word");
  await arrived(post, LOTTE, new RegExp(WORKS));
  await expect(first).toContainText(/^.*Sent/s);
  // an empty password keeps the one there is
  await save(starttls.port, "starttls", "");
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

test("[S5][D12] an invitation comes by mail in the person's language, also during a downtime, and its link is good once", async ({ watch, page, browser }) => {
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

test("[S5][M9] what needs an employee is told to the dossier's managers once, then reminded, then the admin; each can say no", async ({ watch, page, browser }) => {
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

test("[S5] the digest comes on a working day at eight, to who has something to do, once", async ({ watch, page }) => {
  const post = await Post.open();
  await watch.signIn(page, "admin");
  await through(watch, page, post);
  // the next Monday at 07:50 and 08:05 in Brussels
  const at = (minutes: number) => {
    const d = new Date(watch.clock.now());
    d.setUTCDate(d.getUTCDate() + ((8 - d.getUTCDay()) % 7 || 7));
    const offset = Number(new Intl.DateTimeFormat("en", { timeZone: "Europe/Brussels", timeZoneName: "longOffset" }).formatToParts(d).find((p) => p.type === "timeZoneName")!.value.slice(4, 6));
    return Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), 7 - offset, 50 + minutes);
  };
  await watch.clock.set(at(0));
  await page.waitForTimeout(7_000);
  const before = post.mails.filter((m) => /^Your day at/.test(m.subject)).length;
  await watch.clock.set(at(15));
  await expect.poll(() => post.of(LOTTE).filter((m) => /^Your day at/.test(m.subject)).length, { timeout: 30_000 }).toBeGreaterThan(0);
  const digests = post.of(LOTTE).filter((m) => /^Your day at Halden & Vos/.test(m.subject));
  expect(digests.at(-1)!.text).toMatch(/\d+ tasks? needs? you\./);
  await page.waitForTimeout(7_000);
  expect(post.of(LOTTE).filter((m) => /^Your day at/.test(m.subject)).length).toBe(digests.length);
  expect(before).toBeLessThanOrEqual(digests.length);
  await post.close();
});

test("[S5][M1] a server that refuses, hangs or greylists: retried, shown, given up, and sent by hand; another office is not kept waiting", async ({ watch, page, browser }) => {
  const post = await Post.open();
  await watch.signIn(page, "admin");
  await through(watch, page, post);
  const line = tests(page).first();
  const ask = async () => expect((await watch.call(page, "test_mail", { office: "gent" })).status).toBe(200);

  // greylisted at first, taken a minute later
  post.refuse = () => { throw new No(451, "4.7.1 Greylisted, come again"); };
  await ask();
  await outbox(watch, page);
  await expect(line).toContainText("Not sent yet, tried again");
  await expect(line).toContainText("Greylisted");
  expect(post.mails).toHaveLength(0);
  post.refuse = () => undefined;
  await watch.clock.set(watch.clock.now() + 61 * SECOND);
  await expect(line).toContainText(/Sent/);
  expect(post.of(LOTTE).filter((m) => m.subject === WORKS)).toHaveLength(1);

  // refused for good: nothing more is done by itself, a person is told, and may try again
  post.refuse = () => { throw new No(550, "5.1.1 No such user"); };
  await ask();
  await expect.poll(async () => (await watch.call(page, "mail", { office: "gent" })).body.failed).toBeGreaterThan(0);
  await outbox(watch, page);
  await expect(line).toContainText("Not sent");
  await expect(line).toContainText("No such user");
  await expect(page.getByText(/could not be sent and waits? for you\./)).toBeVisible();
  await axe(page);
  post.refuse = () => undefined;
  await line.getByRole("button", { name: "Try again" }).click();
  await expect(line).toContainText(/Sent/);

  // it hangs: another office's mail goes all the same
  post.hangs = true;
  await ask();
  const other = await Post.open();
  const support = await watch.person(await browser.newContext(), "admin_no");
  await through(watch, support, other, "kristiansand");
  expect((await watch.call(support, "test_mail", { office: "kristiansand" })).status).toBe(200);
  await arrived(other, "kari@halden-vos.example", /./);
  post.hangs = false;

  // nobody listens at all: it says so, and the mail is not lost over a restart of the desk
  await post.close();
  await ask();
  await outbox(watch, page);
  await expect(line).toContainText(/connection|refused|answer/i, { timeout: 60_000 });
  // twice in vain is no chance: those who look after the desk are told, and led to it
  await watch.clock.set(watch.clock.now() + 2 * MINUTE);
  await watch.open(page, "/o/gent/alerts");
  const alert = page.locator("[data-alert=mail]");
  await expect(alert.getByRole("heading", { name: "Mail does not go out" })).toBeVisible();
  await expect(alert).toContainText(/It says: “.*(connection|refused|answer)/i);
  await alert.getByRole("link", { name: "Open Mail" }).click();
  await page.waitForURL("**/mail");
  const again = await Post.open();
  await through(watch, page, again);
  await watch.crash();
  await watch.clock.set(watch.clock.now() + 10 * MINUTE);
  await arrived(again, LOTTE, /^Mail from Nachtwacht works$/);
  await again.close();
  await other.close();
});

test("[S5][D13] a downtime is told by mail in each reader's language; alerts go out while it is closed, and their links wait", async ({ watch, page, browser }) => {
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

test("[S5] a new password by mail: nobody learns who has an account, and the link is good once", async ({ watch, page, browser }) => {
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

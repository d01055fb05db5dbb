/** The second factor and sessions (S9), in an office with staff and no demo, each as the role named. */
import { expect, test as base, type Browser, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asked, calls, otherAddresses, routes } from "./calls";
import { Clock, DAY, MINUTE, SECOND } from "./clock";
import { KINDS, alive } from "./sandbox";
import { api, axe, startServer, watchErrors, type Server } from "./support";
import { Post } from "./post";
import { NORA, PASSWORD, SAM, begin, follow } from "./first_desk";
import { codeOf, readQr, stepOf } from "./totp";

const OFFICE = "kantoor-noord";

/** An address by its path: where one goes on to may stand behind it. */
const at = (path: string) => (url: URL) => url.pathname === path;
const STEP = 30 * SECOND;

/** Somebody of the office, in a browser of their own. */
interface Person {
  email: string;
  page: Page;
}

/** An office as its first admin set it up: an admin, and whom they invited; mail goes to a server of the test's. */
class Office {
  people = 0;

  private constructor(
    public server: Server, readonly clock: Clock, readonly post: Post, readonly browser: Browser,
    /** The first admin and the first person of Support, with the keys of their second factors. */
    readonly admin: Page, readonly key: string, readonly sam: Page, readonly samsKey: string,
  ) {}

  static async open(browser: Browser): Promise<Office> {
    const clock = new Clock(join(mkdtempSync(join(tmpdir(), "nachtwacht-factor-")), "clock"));
    const server = await startServer({ args: ["--clock", clock.file] });
    const admin = await (await browser.newContext()).newPage();
    const { app, link } = await begin(admin, server);
    const sam = await (await browser.newContext()).newPage();
    const samsApp = await follow(sam, link);
    const post = await Post.open();
    const office = new Office(server, clock, post, browser, admin, app.key, sam, samsApp.key);
    const settings = { host: "127.0.0.1", port: post.port, security: "none", username: "", password: null, sender: "desk@noord.example", address: server.url };
    const saved = await admin.request.post(`${server.url}/api/desk/save_mail`, { data: { office: OFFICE, settings } });
    expect(saved.status(), await saved.text()).toBe(200);
    await office.staff();
    return office;
  }

  /** Whom an office has beside its admin: an employee who manages a dossier, an operator, a client, and a connector. */
  async staff(): Promise<void> {
    const call = async (name: string, data: Record<string, unknown>): Promise<any> => {
      const answer = await this.admin.request.post(`${this.server.url}/api/desk/${name}`, { data: { office: OFFICE, ...data } });
      expect(answer.status(), `${name}: ${await answer.text()}`).toBe(200);
      return answer.json();
    };
    const { secret } = await call("add_connector", { name: "Noord 1" });
    const { token } = (await api(null, "enrol", { code: secret }, this.server.url)).body;
    const hello = { boot_id: "b", version: "test", packages: ["hledger"], kinds: KINDS, recovers: [], max_parallel: 1 };
    expect((await api(token, "hello", hello, this.server.url)).status).toBe(200);
    for (const role of ["employee", "operator", "client"]) await (await this.person(role)).page.context().close();
    await call("activate_dossier", { new: { code: "BAKKER", name: "Bakker Noord", package: "hledger" }, key: "first" });
    const employee = (await call("people", { text: "employee" }))[0].id;
    const dossier = (await call("dossiers_for", { person: employee, text: "BAKKER" }))[0].id;
    await call("set_managed", { person: employee, add: [dossier], remove: [] });
  }

  async close(): Promise<void> {
    await this.server.kill();
    await this.post.close();
    rmSync(join(this.clock.file, ".."), { recursive: true });
  }

  /** Ends the server, lets `f` do something to what it left, and starts it again. */
  async around(f: () => void): Promise<void> {
    expect(await this.server.stop()).toBe(0);
    f();
    this.server = await startServer({ dir: this.server.dir, port: this.server.port, args: ["--clock", this.clock.file] });
  }

  /** Invites somebody on the page of users; gives their address and the link on the screen. */
  async invite(role: string): Promise<{ email: string; link: string }> {
    const email = `${role.toLowerCase()}${++this.people}@noord.example`;
    if (role === "Support") return { email, link: await this.inviteToSupport(email) };
    await this.adminIsIn();
    await this.admin.goto(`${this.server.url}/o/kantoor-noord/users?invite=1`);
    await alive(this.admin);
    await this.admin.locator("#invite-name").fill(`${role} ${this.people}`);
    await this.admin.locator("#invite-email").fill(email);
    await this.admin.locator("#invite-role").selectOption(role);
    await this.admin.getByRole("button", { name: "Make the invitation" }).click();
    return { email, link: (await this.admin.getByTestId("made-link").getByTestId("link").textContent())! };
  }

  /** The same for somebody of Support, whom another of Support invites. */
  private async inviteToSupport(email: string): Promise<string> {
    const { sam } = this;
    await this.samIsIn();
    await sam.goto(`${this.server.url}/o/kantoor-noord/offices`);
    await alive(sam);
    await sam.getByRole("button", { name: "Invite to Support" }).click();
    await sam.getByLabel("Name", { exact: true }).fill("Somebody of Support");
    await sam.getByLabel("E-mail address").fill(email);
    await sam.getByTestId("confirm").click();
    return (await sam.getByTestId("made-link").locator("code").textContent())!;
  }

  /** A new link for somebody who has been in before, as it reaches them: by mail, or, of Support, from hand to hand. */
  async newLink(role: string, email: string): Promise<string> {
    if (role === "Support") {
      await this.samIsIn();
      await this.sam.goto(`${this.server.url}/o/kantoor-noord/offices`);
      await alive(this.sam);
      await this.sam.locator(`tr[data-person="${email}"]`).getByRole("button", { name: "Make a new link" }).click();
      return (await this.sam.getByTestId("made-link").locator("code").textContent())!;
    }
    await this.adminIsIn();
    await this.users(email);
    const before = this.links(email).length;
    await this.admin.getByRole("button", { name: "Make a new link" }).click();
    await expect(this.admin.locator("#detail .said")).toHaveText(`A new link is on its way to ${email}.`);
    return this.mailed(email, before);
  }

  /** A reset link that somebody asked for. */
  async resetLink(email: string): Promise<string> {
    const guest = await this.visitor();
    const before = this.links(email).length;
    await guest.goto(`${this.server.url}/forgot`);
    await guest.locator("#email").fill(email);
    await guest.getByRole("button", { name: "Send the link" }).click();
    await expect(guest.getByText("If the address is known, a mail is on its way.")).toBeVisible();
    await guest.context().close();
    return this.mailed(email, before);
  }

  /** The links that sign somebody in, as they were mailed to them. */
  links(email: string): string[] {
    return this.post.of(email).flatMap((m) => /http:\S+\/sign-in\/nws_\S+/.exec(m.text) ?? []);
  }

  /** The next of them after so many. */
  private async mailed(email: string, before: number): Promise<string> {
    await expect.poll(() => this.links(email).length, { timeout: 45_000 }).toBe(before + 1);
    return this.links(email)[before]!;
  }

  /** Opens somebody of the office on the page of users, as the admin. */
  async users(email: string): Promise<void> {
    await this.admin.goto(`${this.server.url}/o/kantoor-noord/users`);
    await alive(this.admin);
    await this.admin.locator(`tr[data-person="${email}"]`).getByRole("link").click();
  }

  adminIsIn(): Promise<void> {
    return this.isIn(this.admin, NORA.email, this.key);
  }

  samIsIn(): Promise<void> {
    return this.isIn(this.sam, SAM.email, this.samsKey);
  }

  /** The clock moves on here; who is away for half an hour signs in again. */
  private async isIn(page: Page, email: string, key: string): Promise<void> {
    if ((await this.call(page, "who")) === 200) return;
    await this.password(page, email);
    await this.give(page, await this.nextCode(key));
    await page.waitForURL("**/o/kantoor-noord/**");
  }

  /** Somebody new who has taken their invitation up: signed in, or, as an admin or Support, before their enrolment. */
  async person(role: string): Promise<Person> {
    const { email, link } = await this.invite(role);
    const page = await this.visitor();
    await this.follow(page, link, PASSWORD);
    return { email, page };
  }

  /** Follows a link that signs in, and chooses a password with it. */
  async follow(page: Page, link: string, password: string): Promise<void> {
    await page.goto(link);
    await page.locator("#password").fill(password);
    await page.getByTestId("sign-in").click();
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  }

  async visitor(options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
    return (await this.browser.newContext(options)).newPage();
  }

  /** Gives e-mail address and password on the page. */
  async password(page: Page, email: string, password = PASSWORD): Promise<void> {
    await page.goto(`${this.server.url}/sign-in`);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByTestId("sign-in").click();
    await page.waitForURL((url) => url.pathname !== "/sign-in");
  }

  /** The step of the server's clock. */
  step(): number {
    return stepOf(this.clock.now());
  }

  /** Goes to the beginning of a step, so that the same one lasts while a code is typed. */
  async early(): Promise<void> {
    await this.pass(STEP - (this.clock.now() % STEP) + 200);
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    await this.clock.set(this.clock.now() + ms);
  }

  /** Lets the step of a code that was used pass, so that the next is another. */
  nextCode(key: string): Promise<string> {
    return this.pass(2 * STEP).then(() => codeOf(key, this.step()));
  }

  /** What a call answers. */
  async call(page: Page, name: string, data: Record<string, unknown> = {}): Promise<number> {
    return (await page.request.post(`${this.server.url}/api/desk/${name}`, { data })).status();
  }

  /** Types a code where one is asked for after the password. */
  async give(page: Page, code: string): Promise<void> {
    await page.locator("#code").fill(code);
    await page.getByTestId("give-code").click();
  }
}

/** Sets a second factor up on the page that asks for it, with the code of a step beside the present one. */
async function setUp(office: Office, page: Page, beside = 0): Promise<{ key: string; codes: string[] }> {
  await page.waitForURL(at("/second-factor"));
  const key = (await page.getByTestId("key").textContent())!;
  await page.locator("#code").fill(codeOf(key, office.step() + beside));
  await page.getByTestId("set-up").click();
  await page.waitForURL(at("/recovery-codes"));
  const codes = await page.getByTestId("recovery-codes").locator("code").allTextContents();
  await page.getByTestId("kept").click();
  await page.waitForURL((url) => url.pathname !== "/recovery-codes");
  return { key, codes };
}

const WRONG = "This code is not right, or it was used already. Wait for the next one and type it.";

/** Each page, as the routes declare it, and where it is looked for. */
const PAGES: Record<string, string> = {
  "/": "/",
  "/sign-in": "/sign-in",
  "/recovery-codes": "/recovery-codes",
  "/portal": "/portal",
  "/o/:office/clients": "/o/kantoor-noord/clients",
  "/o/:office/clients/activate": "/o/kantoor-noord/clients/activate",
  "/o/:office/clients/import": "/o/kantoor-noord/clients/import",
  "/o/:office/dossiers/:code": "/o/kantoor-noord/dossiers/BAKKER",
  "/o/:office/tasks": "/o/kantoor-noord/tasks",
  "/o/:office/tasks/:id": "/o/kantoor-noord/tasks/1",
  "/o/:office/jobs": "/o/kantoor-noord/jobs",
  "/o/:office/jobs/runs": "/o/kantoor-noord/jobs/runs",
  "/o/:office/jobs/runs/:run": "/o/kantoor-noord/jobs/runs/1",
  "/o/:office/jobs/kinds": "/o/kantoor-noord/jobs/kinds",
  "/o/:office/jobs/blocked": "/o/kantoor-noord/jobs/blocked",
  "/o/:office/jobs/hours": "/o/kantoor-noord/jobs/hours",
  "/o/:office/jobs/:id": "/o/kantoor-noord/jobs/1",
  "/o/:office/collection": "/o/kantoor-noord/collection",
  "/o/:office/collection/:id": "/o/kantoor-noord/collection/1",
  "/o/:office/procedures": "/o/kantoor-noord/procedures",
  "/o/:office/procedures/:id": "/o/kantoor-noord/procedures/1",
  "/o/:office/causes": "/o/kantoor-noord/causes",
  "/o/:office/instructions": "/o/kantoor-noord/instructions",
  "/o/:office/instructions/:package/:code": "/o/kantoor-noord/instructions/adsolut/period_not_open",
  "/o/:office/connectors": "/o/kantoor-noord/connectors",
  "/o/:office/alerts": "/o/kantoor-noord/alerts",
  "/o/:office/offices": "/o/kantoor-noord/offices",
  "/o/:office/users": "/o/kantoor-noord/users",
  "/o/:office/downtime": "/o/kantoor-noord/downtime",
  "/o/:office/requests": "/o/kantoor-noord/requests",
  "/o/:office/mail": "/o/kantoor-noord/mail",
  "/o/:office/audit": "/o/kantoor-noord/audit",
  "/o/:office/settings": "/o/kantoor-noord/settings",
  "/o/:office/profile": "/o/kantoor-noord/profile",
};

/** Pages that are there for anybody, who need not be known; and the one that asks for the second factor. */
const OPEN_PAGES = ["/sign-in/:link", "/second-factor", "/forgot", "/forms/unsubscribe/:link", "/forms/:office/:kind", "/first-admin/support/:link", "/first-admin/:link"];

/** What may be called before the code: the second half of signing in, signing out, and what anybody may call. */
const SECOND_HALF = ["factor", "second_factor", "set_up_factor", "sign_out"];
const OPEN_CALLS = ["ask_reset", "first_admin", "look_at_link", "public/office", "public/unsubscribe", "public/zones", "sign_in", "use_link", "hand-in"];

/** What stands in the pages and answers of those who are in, and in no address that is asked for. */
const INSIDE = /Kantoor Noord|Bakker Noord|nora@noord|employee1@noord|Noord 1/;

/** Whoever looks is led to the second factor wherever they go, and no call answers. */
async function seesNothingElse(office: Office, page: Page): Promise<void> {
  expect(Object.keys(PAGES).concat(OPEN_PAGES).sort(), "every page is walked").toEqual(routes().sort());
  const { url } = office.server;
  /** Where one is led from a page, of which nothing is said. */
  const led = async (path: string) => {
    const answer = await page.request.get(url + path, { headers: { accept: "text/html" }, maxRedirects: 0 });
    expect(await answer.text(), path).not.toMatch(INSIDE);
    expect(answer.status(), path).toBe(302);
    return answer.headers()["location"]!;
  };
  await each(Object.values(PAGES), async (path) => {
    // to sign in, and then back; who has signed in by half is led on from there
    const from = path.startsWith("/o/") || path === "/portal" ? `?to=${encodeURIComponent(path)}` : "";
    const steps = [path, `/sign-in${from}`, `/second-factor${from}`].slice(path === "/sign-in" ? 1 : 0);
    for (const [n, to] of steps.slice(1).entries()) expect(await led(steps[n]!), path).toBe(to);
  });
  await refusesCalls(office, page);
  // in the browser too: where one goes oneself, and back from there
  for (const path of ["/", "/o/kantoor-noord/clients"]) {
    await page.goto(url + path);
    await page.waitForURL(at("/second-factor"));
    await expect(page.getByText("Kantoor Noord"), path).toHaveCount(0);
  }
}

/** Does it with each, some at once. */
async function each<T>(all: T[], f: (one: T) => Promise<void>): Promise<void> {
  for (let n = 0; n < all.length; n += 8) await Promise.all(all.slice(n, n + 8).map(f));
}

/** Every call but those that may be made before the code. */
async function refusesCalls(office: Office, page: Page): Promise<void> {
  const { url } = office.server;
  const { get, post } = otherAddresses();
  const all = calls();
  expect([...SECOND_HALF, ...OPEN_CALLS].filter((name) => !post.includes(name) && !all.some((c) => c.name === name)), "no call").toEqual([]);
  const before = (name: string) => SECOND_HALF.includes(name) || OPEN_CALLS.includes(name);
  await each(all.filter((c) => !before(c.name)), async (call) => {
    const data = asked(call, OFFICE);
    const sent = call.form ? { form: data as Record<string, string> } : { data };
    const answer = await page.request.post(`${url}/api/desk/${call.name}`, { ...sent, headers: { accept: "application/json" }, maxRedirects: 0 });
    // what cannot be read is refused otherwise, before anybody asks who calls
    expect([answer.status(), await answer.text()], call.name).toEqual([401, expect.stringContaining('"unauthenticated"')]);
  });
  for (const path of post.filter((name) => !before(name))) {
    const file = { name: "a.csv", mimeType: "text/csv", buffer: Buffer.from("A1;One;hledger;") };
    expect((await page.request.post(`${url}/api/desk/${path}`, { multipart: { office: OFFICE, file } })).status(), path).toBe(401);
  }
  for (const shape of get) {
    const path = shape.replace("{office}", OFFICE).replace("{list}", "tasks.csv").replace(/\{\w+\}/g, "1");
    expect((await page.request.get(`${url}/api/desk/${path}?office=${OFFICE}`)).status(), path).toBe(401);
  }
}

const test = base.extend<{}, { office: Office }>({
  office: [async ({ browser }, use) => {
    const office = await Office.open(browser);
    await use(office);
    await office.close();
  }, { scope: "worker" }],
});

// one of the two longest files, and each person in it is one test's own
test.describe.configure({ mode: "parallel" });

/** Whoever must have a second factor and has none: the page that sets it up, and nothing else. */
async function ledToEnrolment(office: Office, page: Page, email: string): Promise<void> {
  await page.waitForURL(at("/second-factor"));
  await expect(page.getByRole("heading", { name: "Set up your second factor" })).toBeVisible();
  await axe(page);
  await page.getByText("Or type the key").click();
  await expect(page.getByTestId("key")).toHaveText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  const key = (await page.getByTestId("key").textContent())!.replaceAll(" ", "");
  // what a phone that is held before the screen reads, in either theme
  const picture = page.getByRole("img", { name: "QR code of your key" });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const read = new URL(await readQr(await picture.screenshot()));
    expect([read.protocol, read.host, decodeURIComponent(read.pathname)], colorScheme).toEqual(["otpauth:", "totp", `/Nachtwacht:${email}`]);
    expect(Object.fromEntries(read.searchParams), colorScheme).toEqual({ secret: key, issuer: "Nachtwacht" });
  }
  const address = await page.getByRole("link", { name: "Open it in an app on this device" }).getAttribute("href");
  expect(address).toBe(`otpauth://totp/Nachtwacht:${encodeURIComponent(email)}?secret=${key}&issuer=Nachtwacht`);
  await seesNothingElse(office, page);
  await expect(page.locator("#code")).toHaveAttribute("inputmode", "numeric");
  await expect(page.locator("#code")).toHaveAttribute("autocomplete", "one-time-code");
  // the key of that picture is what signs in from then on
  expect((await setUp(office, page)).key.replaceAll(" ", "")).toBe(key);
  expect(await office.call(page, "who")).toBe(200);
  const inside = await page.request.get(`${office.server.url}/o/kantoor-noord/clients`);
  expect(await inside.text(), "what was not shown before").toMatch(INSIDE);
}

for (const role of ["admin", "Support"] as const) {
  test(`[S9.1] ${role === "admin" ? "an admin" : "a Support person"} without a second factor is led to enrolment, with picture and key in words, and sees nothing else before; calls refuse too`, async ({ office }) => {
    const { page, email } = await office.person(role);
    const errors = watchErrors(page);
    await ledToEnrolment(office, page, email);
    await page.waitForURL("**/o/kantoor-noord/clients");
    expect(errors).toEqual([]);
    await page.context().close();
  });
}

test("[S9.1, S9.3] what anybody may open and call tells whoever is half signed in no more than a stranger", async ({ office }) => {
  test.slow();
  // of each role one without a second factor, and one who has not given the code
  const half: Page[] = [];
  for (const role of ["admin", "Support"]) {
    half.push((await office.person(role)).page);
    const { page, email } = await office.person(role);
    await setUp(office, page);
    await page.context().close();
    const other = await office.visitor();
    await office.password(other, email);
    await other.waitForURL(at("/second-factor"));
    half.push(other);
  }
  const page = half[0]!;
  const stranger = await office.visitor();
  const { url } = office.server;
  const open = ["/sign-in/nws_x", "/forgot", "/forms/unsubscribe/x", "/forms/kantoor-noord/client", "/first-admin/support/nws_x", "/first-admin/nws_x"];
  expect(open.length + 1, "the page that asks for the second factor beside them").toBe(OPEN_PAGES.length);
  for (const path of open) {
    const look = async (p: Page) => [(await p.goto(url + path))!.status(), new URL(p.url()).pathname, await p.locator("body").innerText()];
    const anybodys = await look(stranger);
    expect(anybodys[1], path).toBe(path);
    for (const p of half) expect(await look(p), path).toEqual(anybodys);
  }
  const first = calls().find((c) => c.name === "first_admin")!;
  const file = { name: "a.xml", mimeType: "application/xml", buffer: Buffer.from("<Invoice/>") };
  // each asks for another address: how often for one is limited
  const sent = (n: number): Record<string, object> => ({
    look_at_link: { data: { link: "nws_x" } }, "public/office": { data: { code: OFFICE } }, "public/zones": { data: {} },
    ask_reset: { form: { email: `nobody${n}@noord.example` } }, "public/unsubscribe": { form: { link: "x" } },
    sign_in: { form: { email: `nobody${n}@noord.example`, password: PASSWORD } }, use_link: { form: { link: "nws_x", password: PASSWORD } },
    first_admin: { [first.form ? "form" : "data"]: asked(first, OFFICE) }, "hand-in": { multipart: { office: OFFICE, dossier: "BAKKER", file } },
  });
  expect(Object.keys(sent(0)).sort()).toEqual([...OPEN_CALLS].sort());
  for (const name of OPEN_CALLS) {
    const call = async (p: Page, n: number) => {
      const answer = await p.request.post(`${url}/api/desk/${name}`, { ...sent(n)[name], headers: { accept: "application/json" }, maxRedirects: 0 });
      return [answer.status(), await answer.text()];
    };
    const anybodys = await call(stranger, 0);
    for (const [n, p] of half.entries()) expect(await call(p, n + 1), name).toEqual(anybodys);
  }
  // nor is a downtime told to either, once there is one
  await office.adminIsIn();
  const draft = { platform: false, day: "2099-01-05", clock: "10:00", until_day: "", until_clock: "", reason: [["en", "Cleaning"]] };
  const planned = await office.admin.request.post(`${url}/api/desk/announce_downtime`, { data: { office: OFFICE, draft, shift: false } });
  expect(planned.status(), await planned.text()).toBe(200);
  const notice = (p: Page) => office.call(p, "downtime_notice", { office: OFFICE });
  expect([await notice(page), await notice(stranger), await notice(office.admin)]).toEqual([401, 401, 200]);
  expect(await office.call(office.admin, "lift_downtime", { office: OFFICE, id: await planned.json() })).toBe(200);
  for (const p of [...half, stranger]) await p.context().close();
});

test("[S9.2] a code, one step either way, confirms it, and none of two steps", async ({ office }) => {
  for (const [role, beside] of [["employee", -1], ["operator", 0], ["admin", 1]] as const) {
    const { email, page } = await office.person(role);
    if (role !== "admin") await page.goto(`${office.server.url}/second-factor`);
    await page.waitForURL(at("/second-factor"));
    const key = (await page.getByTestId("key").textContent())!;
    for (const off of [-2, 2]) {
      await office.early();
      await page.locator("#code").fill(codeOf(key, office.step() + off));
      await page.getByTestId("set-up").click();
      await expect(page.getByText(WRONG)).toBeVisible();
      await page.reload();
      await expect(page.getByText(WRONG)).toHaveCount(0);
    }
    await office.early();
    await setUp(office, page, beside);
    await office.password(page, email);
    expect(await office.call(page, "who"), `${role}: it was confirmed`).toBe(401);
    await page.context().close();
  }
});

test("[S9.2] ten recovery codes are shown once, and each signs in once", async ({ office }) => {
  const { email, page } = await office.person("admin");
  const { codes } = await setUp(office, page);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code.replaceAll("-", "")).toMatch(/^[A-Z2-7]{16}$/);
  await page.goto(`${office.server.url}/recovery-codes`);
  await expect(page.getByText("Recovery codes are shown once.")).toBeVisible();
  await expect(page.getByTestId("recovery-codes")).toHaveCount(0);
  // each once: with the password given, the one before is refused, and this one signs in
  const recover = async (guest: Page, code: string) => {
    await guest.getByText("No phone at hand?").click();
    await guest.locator("#recovery").fill(code);
    await guest.getByTestId("give-recovery").click();
  };
  for (let n = 0; n <= codes.length; n++) {
    const guest = await office.visitor();
    await office.password(guest, email);
    if (n > 0) {
      await recover(guest, codes[n - 1]!);
      await expect(guest.getByText(WRONG)).toBeVisible();
      await guest.reload();
    }
    if (n < codes.length) {
      // read aloud and typed by hand: small letters, spaces
      await recover(guest, n % 2 ? codes[n]!.toLowerCase().replaceAll("-", " ") : codes[n]!);
      await guest.waitForURL("**/clients");
    }
    await guest.context().close();
  }
  await page.context().close();
});

for (const role of ["admin", "Support", "employee"] as const) {
  const ways = ["the invitation", "the password", "a new link", ...(role === "Support" ? [] : ["a reset link"])] as const;
  test(`[S9.3] however ${role === "Support" ? role : `an ${role}`} signs in (${ways.join(", ")}), no page and no call answers before the code`, async ({ office }) => {
    test.slow();
    const { email, page } = await office.person(role);
    if (role === "employee") await page.goto(`${office.server.url}/second-factor`);
    // of whoever must have one; others are not asked for what they have not set up
    else await seesNothingElse(office, page);
    const { key } = await setUp(office, page);
    let password = PASSWORD;
    for (const way of ways.slice(1)) {
      const guest = await office.visitor();
      if (way === "the password") {
        await office.password(guest, email, password);
      } else {
        const link = way === "a new link" ? await office.newLink(role, email) : await office.resetLink(email);
        password = `${PASSWORD} by ${way}`;
        await office.follow(guest, link, password);
      }
      await guest.waitForURL(at("/second-factor"));
      await expect(guest.getByRole("heading", { name: "Enter your code" }), way).toBeVisible();
      await seesNothingElse(office, guest);
      // nor what would make codes
      const told = await (await guest.request.post(`${office.server.url}/api/desk/factor`, { data: {} })).json();
      expect([told.waits, told.on, told.set_up, told.codes, told.sessions], way).toEqual([true, true, null, false, []]);
      expect((await guest.request.post(`${office.server.url}/api/desk/set_up_factor`, { form: { code: "123456" }, headers: { accept: "application/json" } })).status(), way).toBe(409);
      const session = async () => (await guest.context().cookies()).find((c) => c.name === "nw_session")!.value;
      const before = await session();
      await guest.goto(`${office.server.url}/second-factor`);
      await office.give(guest, await office.nextCode(key));
      await guest.waitForURL("**/o/kantoor-noord/**");
      expect(await session(), way).not.toBe(before);
      expect(await office.call(guest, "who"), way).toBe(200);
      await guest.context().close();
    }
    await page.context().close();
  });
}

test("[S9.4] a code that was used is refused a second time, also of two at once; so is one of yesterday", async ({ office }) => {
  const { email, page } = await office.person("operator");
  await page.goto(`${office.server.url}/second-factor`);
  const { key } = await setUp(office, page);
  const code = await office.nextCode(key);
  await office.password(page, email);
  await office.give(page, codeOf(key, stepOf(office.clock.now() - DAY)));
  await expect(page.getByText(WRONG)).toBeVisible();
  await office.give(page, code);
  await page.waitForURL("**/tasks**");
  await office.password(page, email);
  await office.give(page, code);
  await expect(page.getByText(WRONG)).toBeVisible();
  const other = await office.visitor();
  await office.password(other, email);
  // the very same instant: two requests that leave together
  for (let round = 0; round < 3; round++) {
    const once = await office.nextCode(key);
    const send = (p: Page) => p.request.post(`${office.server.url}/api/desk/second_factor`, { form: { code: once }, headers: { accept: "application/json" }, maxRedirects: 0 });
    const answers = await Promise.all([send(page), send(other)]);
    const refused = answers.map((a) => a.status() === 422);
    expect(refused.filter((r) => r), JSON.stringify(answers.map((a) => a.status()))).toHaveLength(1);
    expect([await office.call(page, "who"), await office.call(other, "who")].sort()).toEqual([200, 401]);
    await office.around(() => undefined);
    for (const p of [page, other]) {
      // who is half signed in would be led on from there
      await p.context().clearCookies();
      await office.password(p, email);
    }
  }
  for (const p of [page, other]) await p.context().close();
});

test("[S9.5] five wrong codes make a rest, told with its length; after it the owner gets in", async ({ office }) => {
  const { email, page } = await office.person("admin");
  const { key } = await setUp(office, page);
  await office.password(page, email);
  for (let n = 0; n < 4; n++) {
    await office.give(page, "000000");
    await expect(page.getByText(WRONG)).toBeVisible();
    await page.reload();
  }
  const earliest = office.clock.now();
  await office.give(page, "000000");
  await expect(page.getByText("Too many wrong codes. You can try again in 5 minutes.")).toBeVisible();
  const latest = office.clock.now();
  /** What is left of it stands on the page, which was asked for after `since`: however slow the machine, no more and no less. */
  const told = async (other: Page, since: number) => {
    const words = other.getByText(/^Too many wrong codes\. You can try again in \d minutes?\.$/);
    await expect(words).toBeVisible();
    const minutes = Number(/\d/.exec((await words.textContent())!)![0]);
    expect(minutes).toBeGreaterThanOrEqual(Math.ceil((earliest + 5 * MINUTE - office.clock.now()) / MINUTE));
    expect(minutes).toBeLessThanOrEqual(Math.ceil((latest + 5 * MINUTE - since) / MINUTE));
  };
  // in another browser, and after a restart, it is the same rest
  await office.around(() => undefined);
  const other = await office.visitor();
  let since = office.clock.now();
  await office.password(other, email);
  await told(other, since);
  // the right code helps as little; three minutes later there are two left
  await office.clock.set(earliest + 3 * MINUTE);
  await other.reload();
  since = office.clock.now();
  await office.give(other, codeOf(key, office.step() + 1));
  await told(other, since);
  await office.clock.set(latest + 5 * MINUTE);
  await office.give(other, await office.nextCode(key));
  await other.waitForURL("**/clients");
  for (const p of [page, other]) await p.context().close();
});

test("[S9.6] an employee, an operator and a client enrol, and leave again with password and code", async ({ office }) => {
  for (const role of ["employee", "operator", "client"]) {
    const { email, page } = await office.person(role);
    await page.waitForURL(role === "client" ? "**/portal" : "**/tasks**");
    if (role === "client") {
      await page.getByRole("link", { name: "Second factor" }).click();
    } else {
      await page.goto(`${office.server.url}/o/kantoor-noord/profile`);
      await alive(page);
      await page.getByRole("link", { name: "Set up" }).click();
    }
    const { key } = await setUp(office, page);
    await office.password(page, email);
    expect(await office.call(page, "who"), role).toBe(401);
    await office.give(page, await office.nextCode(key));
    await page.waitForURL(role === "client" ? "**/portal" : "**/tasks**");
    await page.goto(`${office.server.url}/second-factor`);
    await page.getByText("Turn it off").first().click();
    const leave = async (password: string, code: string) => {
      await page.locator("#password").fill(password);
      await page.locator("#leave-code").fill(code);
      await page.getByTestId("leave-factor").click();
    };
    const code = await office.nextCode(key);
    await leave("a guess of somebody", code);
    await expect(page.getByText("This is not your password.")).toBeVisible();
    await leave(PASSWORD, "000000");
    await expect(page.getByText(WRONG)).toBeVisible();
    await leave(PASSWORD, code);
    await expect(page.getByRole("heading", { name: "Set up your second factor" })).toBeVisible();
    expect(await office.call(page, "who")).toBe(200);
    await office.password(page, email);
    await page.waitForURL(role === "client" ? "**/portal" : "**/tasks**");
    await page.context().close();
  }
});

test("[S9.7] an admin takes a colleague's factor off: audited, mailed to them, their sessions end", async ({ office }) => {
  const { email, page } = await office.person("operator");
  await page.goto(`${office.server.url}/second-factor`);
  const { key } = await setUp(office, page);
  const second = await office.visitor();
  await office.password(second, email);
  await office.give(second, await office.nextCode(key));
  await second.waitForURL("**/tasks**");
  await alive(second);
  expect([await office.call(page, "who"), await office.call(second, "who")]).toEqual([200, 200]);
  const { admin } = office;
  await office.adminIsIn();
  await office.users(email);
  await expect(admin.locator("#detail")).toContainText("Signs in with a second factor.");
  await admin.getByRole("button", { name: "Take second factor off" }).click();
  await expect(admin.getByRole("dialog")).toContainText("Their sessions end at once, and they are told by mail.");
  await axe(admin);
  await admin.getByTestId("confirm-take").click();
  await expect(admin.locator("#detail .said")).toContainText("Done. They sign in with their password");
  expect([await office.call(page, "who"), await office.call(second, "who")]).toEqual([401, 401]);
  // and the page that is open there leads out by itself
  await second.waitForURL(at("/sign-in"));
  await expect.poll(() => office.post.of(email).map((m) => m.subject), { timeout: 45_000 }).toContain("Your second factor is off");
  const mails = office.post.mails.filter((m) => m.text.includes("Nora Noord took your second factor off and ended your sessions."));
  expect(mails.map((m) => [m.to, m.subject]), "to them alone").toEqual([[[email], "Your second factor is off"]]);
  await admin.goto(`${office.server.url}/o/kantoor-noord/audit?what=factor_taken_off`);
  const rows = admin.locator("tbody tr");
  await expect(rows).toHaveCount(1);
  for (const words of ["Second factor of a colleague taken off", NORA.name, email.replace(/^(\D+)(\d+)@.*/, "$1 $2")]) await expect(rows).toContainText(words);
  await office.password(page, email);
  await page.waitForURL("**/tasks**");
  for (const p of [page, second]) await p.context().close();
});

test("[S9.7] for the last admin, whose factor nobody of the office takes off, a command on the server does it", async ({ browser }) => {
  test.slow();
  const office = await Office.open(browser);
  const { admin } = office;
  const { id } = (await (await admin.request.post(`${office.server.url}/api/desk/people`, { data: { office: OFFICE, text: NORA.email } })).json())[0];
  for (const role of ["employee", "operator"]) {
    const { page } = await office.person(role);
    expect(await office.call(page, "take_factor_off", { office: OFFICE, person: id }), role).toBe(403);
    await page.context().close();
  }
  // not even they themselves
  await admin.goto(`${office.server.url}/o/kantoor-noord/users?person=${id}`);
  await alive(admin);
  await expect(admin.locator("#detail")).toContainText("Nobody changes their own rights.");
  await expect(admin.getByRole("button", { name: "Take second factor off" })).toHaveCount(0);
  expect(await office.call(admin, "take_factor_off", { office: OFFICE, person: id })).toBe(403);
  const run = (...args: string[]) => execFileSync(process.env.NACHTWACHT_BIN!, ["factor", "--data", office.server.dir, ...args], { encoding: "utf8", stdio: "pipe" });
  expect(() => run("--off", NORA.email)).toThrow(/Another Nachtwacht uses this data folder/);
  expect(await office.call(admin, "who")).toBe(200);
  // the phone is at hand: the password alone is not enough
  const other = await office.visitor();
  await office.password(other, NORA.email);
  await other.waitForURL(at("/second-factor"));
  await expect(other.getByRole("heading", { name: "Enter your code" })).toBeVisible();

  await office.around(() => {
    expect(() => run("--off", "nobody@noord.example")).toThrow(/Nobody with the address/);
    expect(run("--off", NORA.email)).toContain(`The second factor of ${NORA.email} is off`);
    expect(() => run("--off", NORA.email), "it was").toThrow(/has no second factor/);
  });
  expect(await office.call(admin, "who"), "their sessions ended").toBe(401);
  await other.context().clearCookies();
  await office.password(other, NORA.email);
  await setUp(office, other);
  await other.waitForURL("**/o/kantoor-noord/**");
  await other.goto(`${office.server.url}/o/kantoor-noord/audit?what=factor_taken_off`);
  await expect(other.locator("tbody tr")).toHaveCount(1);
  await expect(other.locator("tbody tr")).toContainText(NORA.name);
  await office.close();
  for (const p of [admin, office.sam, other]) await p.context().close();
});

test("a client sees their sessions with device and ends one or all others; an ended one's next call is 401", async ({ office }) => {
  const { email, page } = await office.person("client");
  const others: Page[] = [];
  for (const userAgent of ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "strange"]) {
    const other = await office.visitor({ userAgent });
    await office.password(other, email);
    others.push(other);
  }
  await page.goto(`${office.server.url}/second-factor`);
  await expect(page.locator("html[data-ready]")).toBeAttached();
  await page.getByText("Where you are signed in").click();
  await expect(page.locator(".sessions li")).toHaveCount(4);
  await axe(page);
  await page.getByRole("button", { name: "Sign out Safari · iPhone" }).click();
  await expect.poll(() => office.call(others[0]!, "portal")).toBe(401);
  expect([await office.call(others[1]!, "portal"), await office.call(others[2]!, "portal")]).toEqual([200, 200]);
  // what is unfolded stays so
  await expect(page.locator(".sessions li")).toHaveCount(3);
  await expect(page.getByText("Where you are signed in")).toBeFocused();
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect.poll(() => office.call(others[1]!, "portal")).toBe(401);
  expect([await office.call(others[2]!, "portal"), await office.call(page, "portal")]).toEqual([401, 200]);
  for (const p of [page, ...others]) await p.context().close();
});

test("[S9.9] a new password ends the other sessions and every open reset link", async ({ office }) => {
  const { email, page } = await office.person("employee");
  const other = await office.visitor();
  await office.password(other, email);
  expect(await office.call(other, "who")).toBe(200);
  await office.pass(61 * MINUTE);
  // the invitation has come by mail, too: no link that is counted on is that one
  await expect.poll(() => office.links(email).length).toBe(1);
  const links = [await office.resetLink(email), await office.resetLink(email)];
  const status = async (link: string) => (await page.request.get(link)).status();
  expect([await status(links[0]!), await status(links[1]!)], "the last that was asked for is good").toEqual([404, 200]);
  await page.goto(`${office.server.url}/o/kantoor-noord/profile`);
  await alive(page);
  await page.getByLabel("Your password now").fill(PASSWORD);
  await page.getByLabel("New password").fill("another long password");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.locator("main .said")).toHaveText("Changed. You are signed out everywhere else.");
  expect([await office.call(page, "who"), await office.call(other, "who")]).toEqual([200, 401]);
  expect([await status(links[0]!), await status(links[1]!)]).toEqual([404, 404]);
  // one chosen by a link ends them alike
  await office.follow(other, await office.resetLink(email), "yet another long password");
  await other.waitForURL("**/tasks**");
  expect([await office.call(page, "who"), await office.call(other, "who")]).toEqual([401, 200]);
  for (const p of [page, other]) await p.context().close();
});

test("without scripts, as signing in: a second factor is set up, the codes are there, and a code signs in", async ({ office }) => {
  const { email, link } = await office.invite("admin");
  const page = await office.visitor({ javaScriptEnabled: false });
  await page.goto(link);
  await page.locator("#password").fill(PASSWORD);
  await page.getByTestId("sign-in").click();
  await page.waitForURL(at("/second-factor"));
  await page.locator("#code").fill("000000");
  await page.getByTestId("set-up").click();
  await expect(page.getByText(WRONG)).toBeVisible();
  await page.goto(`${office.server.url}/second-factor`);
  const { key, codes } = await setUp(office, page);
  expect(codes).toHaveLength(10);
  await page.waitForURL("**/clients");
  await office.password(page, email);
  await office.give(page, await office.nextCode(key));
  await page.waitForURL("**/clients");
  await page.context().close();
});

test("signing in with a session at hand ends that one", async ({ office }) => {
  const { email, page } = await office.person("employee");
  const cookies = await page.context().cookies();
  await office.password(page, email);
  const before = await office.visitor();
  await before.context().addCookies(cookies);
  expect([await office.call(page, "who"), await office.call(before, "who")]).toEqual([200, 401]);
  for (const p of [page, before]) await p.context().close();
});

for (const [where, viewport] of [["a desk", { width: 1440, height: 900 }], ["a phone", { width: 390, height: 844 }]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`its pages on ${where}, ${colorScheme}: no barrier for anybody, nothing to scroll sideways`, async ({ office }) => {
      const { email, link } = await office.invite("admin");
      const page = await office.visitor({ viewport, colorScheme });
      const fits = async () => {
        await axe(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), `${page.url()} scrolls sideways`).toBeLessThanOrEqual(viewport.width);
        if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${new URL(page.url()).pathname.slice(1).replaceAll("/", "-")}-${Date.now()}-${viewport.width}-${colorScheme}.png`, fullPage: true });
      };
      await page.goto(link);
      await page.locator("#password").fill(PASSWORD);
      await page.getByTestId("sign-in").click();
      await page.waitForURL(at("/second-factor"));
      await page.getByText("Or type the key").click();
      await fits();
      const key = (await page.getByTestId("key").textContent())!;
      await page.locator("#code").fill(codeOf(key, office.step()));
      await page.getByTestId("set-up").click();
      await page.waitForURL(at("/recovery-codes"));
      await fits();
      await page.getByTestId("kept").click();
      await page.waitForURL("**/clients");
      await page.goto(`${office.server.url}/second-factor`);
      for (const more of await page.locator("summary").all()) await more.click();
      await fits();
      await page.goto(`${office.server.url}/o/kantoor-noord/profile`);
      await alive(page);
      await fits();
      await office.password(page, email);
      await page.getByText("No phone at hand?").click();
      await fits();
      await page.context().close();
    });
  }
}

/** A demo server whose wall clock a test moves, and what admins do with downtimes. */
import { expect, type Browser, type BrowserContext, type Page } from "@playwright/test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandbox, alive, tidy } from "./sandbox";
import { startServer } from "./support";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The server's wall clock. */
export class Clock {
  private moved = 0;
  private passed = 0;

  constructor(readonly file: string) {
    writeFileSync(file, "0");
  }

  /** What it shows now. */
  now(): number {
    return Date.now() + this.moved;
  }

  /** Sets it; it goes on from there. The server has noticed when this returns. */
  async set(at: number): Promise<void> {
    this.moved = Math.round(at - Date.now());
    await this.tell();
  }

  /** Lets time pass also where the wall clock does not decide: for leases, for the rest after a failure, for polls. */
  async pass(ms: number): Promise<void> {
    this.moved += ms;
    this.passed += ms;
    await this.tell();
  }

  private async tell(): Promise<void> {
    // time that has passed, not a clock that is wrong
    writeFileSync(this.file, `${this.moved} passed${this.passed > 0 ? ` ${this.passed}` : ""}`);
    await new Promise((resume) => setTimeout(resume, 100));
  }

  /** The next full minute that is at least `ahead` away. */
  minute(ahead: number): number {
    return Math.ceil((this.now() + ahead) / MINUTE) * MINUTE;
  }
}

/** A day and a clock time as they are typed in the office's zone. */
export function local(at: number, zone = "Europe/Brussels"): { day: string; clock: string } {
  const part = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const [day, clock] = part.format(at).split(" ");
  return { day: day!, clock: clock! };
}

/** The instant at which a clock of the zone shows this. */
export function instant(day: string, clock: string, zone = "Europe/Brussels"): number {
  const utc = Date.parse(`${day}T${clock}Z`);
  const shown = local(utc, zone);
  return utc - (Date.parse(`${shown.day}T${shown.clock}Z`) - utc);
}

/** The day so many days after another. */
export function after(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
}

export interface Asked {
  platform?: boolean;
  until?: number;
  reason?: [string, string][];
}

/** What the form would send. */
export function draft(closes: number, more: Asked = {}): Record<string, unknown> {
  const { day, clock } = local(closes);
  const until = more.until === undefined ? { day: "", clock: "" } : local(more.until);
  const reason = more.reason ?? [["en", "We are running the year-end."]];
  return { platform: more.platform ?? false, day, clock, until_day: until.day, until_clock: until.clock, reason };
}

/** A server with a clock of its own. */
export class Watch extends Sandbox {
  constructor(server: ConstructorParameters<typeof Sandbox>[0], readonly clock: Clock, private readonly args = ["--clock", clock.file]) {
    super(server);
  }

  override async crash(): Promise<void> {
    await this.server.kill();
    this.server = await startServer({ demo: true, dir: this.server.dir, port: this.server.port, args: this.args });
  }

  /** A page of somebody's own browser, signed in. */
  async person(context: BrowserContext, role: string): Promise<Page> {
    const page = await context.newPage();
    await this.signIn(page, role);
    return page;
  }

  /** Somebody outside the office, who was invited and has come in for the first time. */
  async newcomer(browser: Browser, by: Page, office: string, person: { name: string; email: string; role: "client" | "candidate"; language: string }): Promise<Page> {
    const invited = await this.call(by, "invite", { office, person });
    expect(invited.status, JSON.stringify(invited.body)).toBe(200);
    const page = await (await browser.newContext()).newPage();
    await page.goto(this.server.url + invited.body);
    await page.locator("#password").fill("a long enough password");
    await page.getByTestId("sign-in").click();
    await page.waitForURL("**/portal");
    return page;
  }

  /** Announces a downtime without the form; gives its number. */
  async announce(admin: Page, closes: number, more: Asked = {}, office = "gent"): Promise<number> {
    const { status, body } = await this.call(admin, "announce_downtime", { office, draft: draft(closes, more), shift: false });
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  }

  /** Opens again. */
  async lift(admin: Page, id: number, office = "gent"): Promise<void> {
    const { status, body } = await this.call(admin, "lift_downtime", { office, id });
    expect(status, JSON.stringify(body)).toBe(200);
  }

  /** Opens the page of an office's downtimes. */
  async settings(page: Page, office = "gent"): Promise<void> {
    await page.goto(`${this.server.url}/o/${office}/downtime`);
    await alive(page);
  }
}

export const countdown = (page: Page) => page.getByTestId("countdown");
export const warning = (page: Page) => page.getByTestId("downtime-warning");

/** The maintenance page is what stands there. */
export async function shutOut(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Nachtwacht is closed for maintenance$/);
}

/** A test with a fresh demo server and its clock. */
export const test = tidy.extend<{ watch: Watch }>({
  watch: async ({}, use) => {
    const dir = mkdtempSync(join(tmpdir(), "nachtwacht-clock-"));
    const clock = new Clock(join(dir, "clock"));
    const watch = new Watch(await startServer({ demo: true, args: ["--clock", clock.file] }), clock);
    await use(watch);
    await watch.server.kill();
    rmSync(dir, { recursive: true });
  },
});

/** The same, and the office's clock shows 12:05 of tomorrow, when no job of a test is due that is set up for another time. */
export const quiet = test.extend<{ sandbox: Watch }>({
  sandbox: async ({ watch }, use) => {
    await watch.clock.set(instant(after(local(watch.clock.now()).day, 1), "12:05"));
    await use(watch);
  },
});

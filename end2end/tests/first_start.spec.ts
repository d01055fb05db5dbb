/** From an empty folder to the first booked invoice, as the documents' "A first start" says it: by browser, but for the start. */
import { expect, test, type Browser, type Locator, type Page } from "@playwright/test";
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { asked, calls, otherAddresses, routes } from "./calls";
import { NORA, SAM, begin, fillStart, follow } from "./first_desk";
import { alive } from "./sandbox";
import { axe, freePort, startServer, watchErrors } from "./support";
import { enrol } from "./totp";

/** The section on a first start, where README leads to. */
const SECTION = readFileSync(resolve("../docs/running.md"), "utf8").split("## A first start\n")[1]!.split(/^#+ /m)[0]!;
const README = readFileSync(resolve("../README.md"), "utf8");

/** Its steps, as they are walked here, each with the pages that it names: one more there is one more to walk. */
const STEPS = [["Start it"], ["Support", "Offices"], ["Add a connector", "Active clients"],
  ["Import the dossiers", "Import dossiers", "Active clients", "Activate a dossier"], ["Add an integration"], ["Deliver an invoice"]];

/** The lines that it says to type, each in one piece. */
const LINES = [...SECTION.matchAll(/^ {7}(nachtwacht (?:.*\\\n)*.*)$/gm)].map((m) => m[1]!.replace(/\s*\\\n\s+/g, " "));

/** What was typed on a machine and is still running, or was. */
interface Started {
  child: ChildProcess;
  ended: Promise<void>;
  /** Everything that it has said so far. */
  said(): string;
}

const machines: Machine[] = [];

/** A machine: a folder of its own, with the program on its PATH, and what was typed there. */
class Machine {
  readonly dir = mkdtempSync(join(tmpdir(), "nachtwacht-machine-"));
  readonly typed: string[] = [];
  private readonly started: Started[] = [];
  private readonly env: NodeJS.ProcessEnv;

  constructor(readonly name: string) {
    const bin = join(this.dir, "bin");
    mkdirSync(bin);
    // the program that is installed carries its pages; the one that is tested reads them from the folder beside it
    const program = '#!/bin/sh\n[ "$1" = serve ] && set -- "$@" --site "$NACHTWACHT_SITE_DIR"\nexec "$NACHTWACHT_BIN" "$@"\n';
    writeFileSync(join(bin, "nachtwacht"), program, { mode: 0o755 });
    this.env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, LC_ALL: "C.UTF-8" };
    machines.push(this);
  }

  /** Types a line and leaves it running. */
  leave(line: string): Started {
    this.typed.push(line);
    const child = spawn("bash", ["-c", `exec ${line}`], { cwd: this.dir, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    // nobody who does not listen: a full pipe would hold the program up
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
    const started = { child, ended, said: () => said };
    this.started.push(started);
    return started;
  }

  /** Types a line and waits for its end. */
  type(line: string): { status: number | null; said: string } {
    this.typed.push(line);
    const { status, stdout, stderr } = spawnSync("bash", ["-c", line], { cwd: this.dir, env: this.env, encoding: "utf8", timeout: 60_000 });
    return { status, said: `${stdout}${stderr}` };
  }

  /** What was said by all that was left running. */
  said(): string {
    return this.started.map((s) => `${this.name}: ${s.child.spawnargs.at(-1)}\n${s.said()}`).join("\n");
  }

  async close(): Promise<void> {
    for (const { child, ended } of this.started) {
      child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

test.afterEach(({}, info) => {
  if (info.status !== info.expectedStatus) for (const machine of machines) console.error(machine.said());
});

/** Somebody with a browser of their own. */
async function somebody(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

/** Follows a step of an empty office to the dialog that adds something under a name; gives the dialog with what it shows then. */
async function add(page: Page, step: string, name: string): Promise<Locator> {
  await alive(page);
  await page.getByRole("link", { name: step }).click();
  return named(page, name);
}

async function named(page: Page, name: string): Promise<Locator> {
  // the page that one comes from has a field for names, too
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByTestId("confirm").click();
  return dialog;
}

/** The line that a dialog of the console shows to be typed. */
async function shownLine(dialog: Locator): Promise<string> {
  return (await dialog.getByTestId("command").locator("code").textContent())!;
}

test.describe("a desk that begins empty", () => {
  test.describe.configure({ mode: "serial" });
  let url: string;
  let desk: Machine, machine: Machine;
  let serving: Started;
  let printed: string;
  let nora: Page, sam: Page;
  let supportLink: string;

  test.beforeAll(async ({ browser }) => {
    [desk, machine] = [new Machine("the desk's machine"), new Machine("the machine beside the package")];
    [nora, sam] = [await somebody(browser), await somebody(browser)];
  });
  test.afterAll(async () => {
    await machine.close();
    await desk.close();
  });

  test("[X1.1, X1.7] on an empty folder the printed link, good once, makes the first admin with an office", async () => {
    // what is indented below a number belongs to its step
    const items = SECTION.split(/^(?=\S)/m).filter((part) => /^\d\. /.test(part));
    expect(items.map((item) => [...item.matchAll(/\*\*?(\w.+?)\*\*?/g)].map((m) => m[1]))).toEqual(STEPS);
    // the folder is empty, and only the port is another: that one may be in use here
    const port = String(await freePort());
    expect(LINES[0]).toBe("nachtwacht serve --data desk --listen 127.0.0.1:3100");
    expect(README).toContain(`\n    ${LINES[0]}\n`);
    expect(README).toContain("](docs/running.md#a-first-start)");
    expect(existsSync(join(desk.dir, "desk"))).toBe(false);
    serving = desk.leave(LINES[0]!.replace("3100", port));
    url = `http://127.0.0.1:${port}`;
    await expect.poll(() => serving.said(), { timeout: 45_000 }).toMatch(/^Nachtwacht serves /m);
    printed = /http:\/\/\S+\/first-admin\/\S+/.exec(serving.said())![0];
    expect(printed.startsWith(`${url}/`)).toBe(true);
    // nothing and nobody is there
    await nora.goto(url);
    await expect(nora).toHaveURL(`${url}/sign-in`);
    await nora.goto(printed);
    await axe(nora);
    await fillStart(nora);
    // what is wrong stands at its field, and the link stays good
    await nora.getByLabel("Code", { exact: true }).fill("Kantoor Noord");
    await nora.getByLabel("Their e-mail address").fill(NORA.email);
    await nora.getByRole("button", { name: "Create the office" }).click();
    await expect(nora.locator("#code-note")).toHaveText("1 to 32 lower-case letters, digits or hyphens, without a hyphen in front.");
    await expect(nora.locator("#support_email-note")).toHaveText("Choose another address than the admin’s.");
    await nora.getByLabel("Code", { exact: true }).fill("kantoor-noord");
    await nora.getByLabel("Their e-mail address").fill(SAM.email);
    await nora.getByRole("button", { name: "Create the office" }).click();

    await expect(nora.getByRole("heading", { name: "The office is set up" })).toBeVisible();
    const errors = watchErrors(nora);
    await axe(nora);
    supportLink = (await nora.locator(".secret code").textContent())!;
    expect(supportLink).toMatch(new RegExp(`^${url}/sign-in/nws_`));
    await nora.getByRole("link", { name: "Go on to the office" }).click();
    // an admin sees nothing of the desk before the second factor
    await enrol(nora);
    await nora.waitForURL(`${url}/o/kantoor-noord/clients`);
    await alive(nora);
    await expect(nora.locator(".side")).toContainText("Kantoor Noord");
    await expect(nora.locator(".side")).toContainText("Nora Noord");
    await expect(nora.locator(".side")).toContainText("Office admin");
    expect((await nora.request.get(printed)).status(), "the printed link is good once").toBe(404);
    expect(errors).toEqual([]);
  });

  test("an empty office says what comes next, and each empty page leads there", async () => {
    await nora.goto(`${url}/o/kantoor-noord/clients`);
    await alive(nora);
    const steps = nora.getByTestId("begin").locator("li");
    await expect(steps.locator("h3")).toHaveText([/^The office Done$/, /^A connector Next$/, /^Dossiers Later$/, /^An integration Later$/, /^The first task Later$/]);
    await expect(steps.nth(1)).toHaveAttribute("aria-current", "step");
    await axe(nora);
    for (const page of ["tasks", "connectors"]) {
      await nora.goto(`${url}/o/kantoor-noord/${page}`);
      await nora.getByRole("link", { name: "What comes first stands under Active clients." }).click();
      await nora.waitForURL("**/clients");
    }
  });

  test("[X1.2, X1.7] the same first start makes the first Support person, second factor included; Support invites another and adds an office, whose admin sees nothing of the first", async ({ browser }) => {
    const errors = watchErrors(sam);
    await follow(sam, supportLink);
    await sam.waitForURL("**/o/kantoor-noord/causes");
    await sam.getByRole("link", { name: "Offices", exact: true }).click();
    await expect(sam.locator("tr[data-office]")).toHaveCount(1);
    await axe(sam);

    // another of Support, by a link that is shown this once
    await sam.getByRole("button", { name: "Invite to Support" }).click();
    await sam.getByLabel("Name", { exact: true }).fill("Tara Twee");
    await sam.getByLabel("E-mail address").fill(SAM.email);
    await sam.getByTestId("confirm").click();
    await expect(sam.locator("#support-email-note")).toHaveText("This is already in use.");
    await sam.getByLabel("E-mail address").fill("tara@desk.example");
    await sam.getByTestId("confirm").click();
    const tarasLink = (await sam.getByTestId("made-link").locator("code").textContent())!;
    await sam.getByRole("button", { name: "Done" }).click();
    const tara = await somebody(browser);
    await follow(tara, tarasLink);
    await tara.waitForURL("**/causes");
    await tara.goto(`${url}/o/kantoor-noord/offices`);
    await expect(tara.locator("tr[data-person]")).toHaveCount(2);

    // an office with its first admin
    await sam.getByRole("button", { name: "Add office" }).click();
    await sam.getByLabel("Name of the office").fill("Kontor Øst");
    await expect(sam.getByLabel("Code", { exact: true })).toHaveValue("kontor-ost");
    await sam.getByLabel("Time zone").fill("Europe/Oslo");
    await sam.getByLabel("Language of its messages").selectOption("nb");
    await sam.getByLabel("Name of its first admin").fill("Kari Øst");
    await sam.getByLabel("E-mail address").fill("kari@ost.example");
    await axe(sam);
    await sam.getByTestId("confirm").click();
    const karisLink = (await sam.getByTestId("made-link").locator("code").textContent())!;
    await sam.getByRole("button", { name: "Done" }).click();
    await expect(sam.locator("tr[data-office=kontor-ost]")).toContainText("Not signed in yet");
    // both stand in the log, as done to the platform
    await sam.goto(`${url}/o/kantoor-noord/audit`);
    await expect(sam.locator("tr[data-what=add_office]")).toContainText("kontor-ost");
    await expect(sam.locator("tr[data-what=invite]", { hasText: "tara@desk.example" })).toContainText("Sam Sterk");

    const kari = await somebody(browser);
    await follow(kari, karisLink);
    await kari.waitForURL("**/o/kontor-ost/clients");
    await expect(kari.locator(".side")).not.toContainText("Kantoor Noord");
    const first = /Kantoor Noord|Nora Noord|nora@noord|Sam Sterk/;
    // every page and every call of an office: those of Support alone are refused to an admin of any
    const pages = routes().filter((shape) => shape.startsWith("/o/:office/"));
    for (const shape of pages) {
      const path = shape.replace(":office", "kantoor-noord").replace(/:\w+/g, "1");
      const answer = await kari.request.get(url + path);
      expect(await answer.text(), path).not.toMatch(first);
      expect(answer.status(), path).toBe(/\/(offices|causes|instructions)\b/.test(path) ? 403 : 404);
    }
    for (const call of calls().filter((c) => c.args.some(([name]) => name === "office") && c.name !== "first_admin")) {
      const answer = await kari.request.post(`${url}/api/desk/${call.name}`, { data: asked(call, "kantoor-noord") });
      const said = await answer.text();
      expect(said, call.name).not.toMatch(first);
      expect(answer.status(), `${call.name}: ${said}`).toBe(["offices", "cause", "causes", "instructions", "editing"].includes(call.name) ? 403 : 404);
    }
    for (const shape of otherAddresses().get) {
      const path = shape.replace("{office}", "kantoor-noord").replace("{list}", "tasks.csv").replace(/\{\w+\}/g, "1");
      expect((await kari.request.get(`${url}/api/desk/${path}?office=kantoor-noord`)).status(), path).toBe(404);
    }
    // but of her own there is what is refused of the other
    expect((await kari.request.get(`${url}/o/kontor-ost/users`)).status()).toBe(200);
    for (const call of ["add_office", "invite_support"]) {
      const answer = await kari.request.post(`${url}/api/desk/${call}`, { data: call === "add_office" ? { new: { office: { name: "X", code: "x", zone: "UTC", language: "en" }, admin: { name: "X", email: "x@y.zz", role: "admin", language: "en" } } } : { person: { name: "X", email: "x@y.zz", role: "support", language: "en" } } });
      expect(answer.status(), call).toBe(403);
    }
    // the browser says of the taken address, too, that it was refused
    expect(errors.filter((e) => !/422.*invite_support/.test(e))).toEqual([]);
  });

  test("[X1.5, X1.7] the one command that the console shows, run on another machine, enrols the connector, and it is seen polling", async ({ browser }) => {
    // an office with staff
    for (const role of ["employee", "operator", "client"]) {
      const person = { name: `Somebody, ${role}`, email: `${role}@noord.example`, role, language: "en" };
      const invited = await nora.request.post(`${url}/api/desk/invite`, { data: { office: "kantoor-noord", person } });
      expect(invited.status(), await invited.text()).toBe(200);
      const page = await somebody(browser);
      await page.goto(url + await invited.json());
      await page.locator("#password").fill("a long enough password");
      await page.getByTestId("sign-in").click();
      await page.waitForURL(role === "client" ? "**/portal" : "**/o/kantoor-noord/**");
      await page.context().close();
    }
    await nora.goto(`${url}/o/kantoor-noord/clients`);
    const dialog = await add(nora, "Add a connector", "Machine 1");
    const line = await shownLine(dialog);
    expect(line).toContain(`--url ${url} `);
    await expect(dialog.getByTestId("first-call")).toContainText("Waiting for the first call of Machine 1");
    await axe(nora);
    const connector = machine.leave(line);
    await expect(dialog.getByTestId("first-call")).toContainText("Machine 1 has called in.");
    await dialog.getByRole("button", { name: "Done" }).click();
    await expect(nora.locator("tr[data-connector='Machine 1']").getByTestId("liveness")).toHaveText("Polling");
    // only its own user reads the token, and the same line starts it again
    expect(spawnSync("stat", ["-c", "%a", join(machine.dir, "machine-1.token")], { encoding: "utf8" }).stdout.trim()).toBe("600");
    connector.child.kill("SIGKILL");
    await connector.ended;
    const again = machine.leave(line);
    await expect.poll(() => again.said(), { timeout: 45_000 }).toContain("at work");
    await nora.goto(`${url}/o/kantoor-noord/clients`);
    await expect(nora.getByTestId("begin").locator("li").nth(1)).toHaveAttribute("data-step", "done");
  });

  test("[X1.4, X1.7] a file of 240 dossiers as the documents write it: each is activated in hledger, with \"n of 240\" live", async () => {
    test.slow();
    const [, heading, first] = /`(code;\S+)`[^`]*`(D001;[^`]+)`/.exec(SECTION)!;
    const rows = Array.from({ length: 239 }, (_, i) => `D${String(i + 2).padStart(3, "0")};Dossier ${i + 2};hledger;${i % 2 ? "employee@noord.example" : ""}`);
    await nora.goto(`${url}/o/kantoor-noord/clients`);
    await alive(nora);
    await nora.getByRole("link", { name: "Import dossiers" }).first().click();
    const check = async (...lines: string[]) => {
      await nora.getByLabel("CSV file").setInputFiles({ name: "dossiers.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\n")) });
      await nora.getByRole("button", { name: "Check the file" }).click();
      await nora.waitForURL("**/clients/import?file=*");
    };
    // what is wrong is named by line before anything is made
    await check(heading!, "no code!;Wrong;hledger;", first!, ...rows);
    await expect(nora.getByTestId("wrong-lines").locator("li")).toHaveText([/^Line 2\s*no code!/]);
    await nora.goto(`${url}/o/kantoor-noord/clients/import`);
    await alive(nora);
    await check(heading!, first!, ...rows);
    await nora.getByRole("button", { name: "Activate 240 dossiers" }).click();
    const far = nora.getByTestId("far");
    await expect(far).toHaveText(/^(?!240 )[1-9]\d* of 240 activated$/);
    await expect(far).toHaveText("240 of 240 activated", { timeout: 400_000 });
    // one by one serves as well
    await nora.goto(`${url}/o/kantoor-noord/clients`);
    await alive(nora);
    await nora.getByRole("link", { name: "Activate a dossier" }).click();
    await nora.getByLabel("Dossier code").fill("ALONE");
    await nora.getByLabel("Name").fill("One by one");
    await nora.getByLabel("Accounting package").selectOption({ label: "hledger" });
    await nora.getByRole("button", { name: "Activate dossier" }).click();
    await nora.waitForURL("**/dossiers/ALONE");
    await expect(nora.getByTestId("standing")).toHaveText("Flowing");
    const books = readdirSync(join(machine.dir, "books")).filter((code) => existsSync(join(machine.dir, "books", code, "main.journal")));
    const codes = ["ALONE", ...Array.from({ length: 240 }, (_, i) => `D${String(i + 1).padStart(3, "0")}`)];
    expect(books.sort()).toEqual(codes);
    await nora.goto(`${url}/o/kantoor-noord/clients`);
    await expect(nora.getByTestId("begin").locator("li").nth(2)).toHaveAttribute("data-step", "done");
  });

  test("[X1.6, X1.7] with a token from the console the documents' command delivers an invoice: hledger's books hold it to the cent, the dossier says Done", async () => {
    await nora.goto(`${url}/o/kantoor-noord/clients`);
    const dialog = await add(nora, "Add an integration", "Invoices");
    const token = (await dialog.locator(".secret code").first().textContent())!;
    const shown = await shownLine(dialog);
    await dialog.getByRole("button", { name: "Done" }).click();

    // what the documents say to type, with this desk's port; the console shows the same
    expect(LINES).toHaveLength(2);
    const line = LINES[1]!.replace("http://127.0.0.1:3100", url);
    expect(shown.replace("CODE", "KORENWOLF").replace("NAME", "Bakkerij Korenwolf BV")).toBe(line);
    writeFileSync(join(machine.dir, "integration.token"), token, { mode: 0o600 });
    copyFileSync(resolve("samples/invoice-two-rates.xml"), join(machine.dir, "invoice.xml"));

    await nora.goto(`${url}/o/kantoor-noord/clients`);
    await alive(nora);
    const typed = machine.type(line);
    expect(typed.status, typed.said).toBe(0);
    // the steps tick themselves while one looks
    await expect(nora.getByTestId("begin").getByRole("status")).toHaveText("All five steps are done.");
    await nora.reload();
    await alive(nora);
    await expect(nora.getByTestId("begin")).toHaveCount(0);

    await nora.goto(`${url}/o/kantoor-noord/dossiers/KORENWOLF?tab=tasks`);
    await expect(nora.getByTestId("tasks").locator("li, tr").filter({ hasText: "Process booking proposal" })).toContainText("Done");
    await expect(nora.locator("main")).toContainText("Bakkerij Korenwolf BV");
    expect(SECTION).toContain("`books/KORENWOLF/main.journal`");
    const journal = join(machine.dir, "books/KORENWOLF/main.journal");
    expect(existsSync(journal)).toBe(true);
    const balance = execFileSync("hledger", ["-f", journal, "balance", "--flat", "-N", "-O", "csv"], { encoding: "utf8" });
    expect(balance.trim().split("\n").slice(1).sort()).toEqual(BOOKED);

    // all that was ever typed on the desk's machine
    expect(desk.typed).toHaveLength(1);
    expect(serving.child.exitCode, serving.said()).toBeNull();
  });
});

/** What the sample invoice is in hledger's books: its amounts without and with VAT, by rate, as they stand in its XML. */
const BOOKED = [
  '"assets:vat:deductible:S21","215.46 EUR"',
  '"assets:vat:deductible:S6","30.21 EUR"',
  '"expenses:purchases:S21","1026.00 EUR"',
  '"expenses:purchases:S6","503.50 EUR"',
  '"liabilities:payable:Drukkerij De Zilverberk BV","-1775.17 EUR"',
];

test("without Support the admin acts on red, and nothing says that Support does", async ({ page, browser }) => {
  const server = await startServer();
  const machine = new Machine("the machine beside the package");
  try {
    await begin(page, server, null);
    await page.goto(`${server.url}/o/kantoor-noord/connectors?add=connector`);
    let dialog = await named(page, "Machine 1");
    // a program of the test's own that fails with what is Support's
    writeFileSync(join(machine.dir, "fail.sh"), `#!/bin/sh\nif [ -e mended ]; then echo '{"succeeded":{}}'; else echo '{"failed":{"code":"database_error","detail":"disk full on db-7"}}'; fi\n`, { mode: 0o755 });
    await page.getByLabel("A program of your own").check();
    await page.getByLabel("The program", { exact: true }).fill("./fail.sh");
    await page.getByLabel("Packages that it reaches").fill("hledger");
    machine.leave(await shownLine(dialog));
    await expect(page.getByTestId("first-call")).toContainText("has called in");
    await page.getByRole("button", { name: "Done" }).click();
    await page.goto(`${server.url}/o/kantoor-noord/connectors?add=integration`);
    dialog = await named(page, "Invoices");
    writeFileSync(join(machine.dir, "integration.token"), (await dialog.locator(".secret code").first().textContent())!);
    expect(machine.type((await shownLine(dialog)).replace(" invoice.xml", "")).status).toBe(0);

    const red = async () => {
      await page.goto(`${server.url}/o/kantoor-noord/tasks?task=1`);
      await alive(page);
      return page.locator("#detail");
    };
    let panel = await red();
    await expect(panel.getByTestId("status")).toHaveText("With an admin");
    await expect(panel).toContainText("There is nobody of Support on this desk, so this task is yours.");
    await expect(page.locator("body")).not.toContainText("Support is on it");
    await expect(page.locator("body")).not.toContainText("need a ticket");
    await expect(panel.getByText("disk full on db-7")).toBeVisible();
    writeFileSync(join(machine.dir, "mended"), "");
    await panel.getByRole("button", { name: /^Restart task/ }).click();
    await expect(panel.getByTestId("status")).toHaveText("Done");

    // somebody of Support by the command line, the server stopped: from their first sign-in red is theirs
    rmSync(join(machine.dir, "mended"));
    await server.stop();
    const granted = spawnSync(process.env.NACHTWACHT_BIN!, ["grant", "--data", server.dir, "--support", SAM.name, SAM.email, "--url", server.url], { encoding: "utf8" });
    expect(granted.stderr).toBe("");
    expect(granted.stdout).toMatch(new RegExp(`^${server.url}/sign-in/nws_\\S+\n$`));
    const again = await startServer({ dir: server.dir, port: server.port });
    const sam = await somebody(browser);
    await follow(sam, granted.stdout.trim());
    await sam.waitForURL("**/causes");
    expect(machine.type(`nachtwacht deliver --url ${server.url} --token-file integration.token --dossier NEXT --activate Next`).status).toBe(0);
    await page.goto(`${server.url}/o/kantoor-noord/tasks?task=2`);
    panel = page.locator("#detail");
    await expect(panel.getByTestId("status")).toHaveText("With support");
    await expect(panel).toContainText("Support is on it. You do not need a ticket.");
    await expect(panel.getByRole("button", { name: /^Restart/ })).toHaveCount(0);
    await again.stop();
  } finally {
    await machine.close();
    await server.kill();
  }
});

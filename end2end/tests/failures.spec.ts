/** What becomes of a failure: an instruction for the office, another try by itself, or Support. */
import { expect, type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ACTIVATE, BOOK, DELETE, SYNC, alive, failed, row, status, test, type NewTask } from "./sandbox";

type Texts = Record<string, string>;
interface Instruction { package: string; package_name: string; code: string; title: Texts; cause: Texts; steps: Texts[]; escalate?: Texts; params: { name: string; type: string }[] }

const CATALOGUE: Instruction[] = JSON.parse(readFileSync(resolve("../server/engine/catalogue/instructions.json"), "utf8")).instructions;
const LANGUAGES = ["en", "nl", "nb", "da", "fr"] as const;
type Language = (typeof LANGUAGES)[number];
const AND: Record<Language, string> = { en: "and", nl: "en", nb: "og", da: "og", fr: "et" };
const STATUS: Record<Language, string> = {
  en: "Action employee required", nl: word("nl"), nb: word("nb"), da: word("da"), fr: word("fr"),
};

function word(language: string): string {
  return JSON.parse(readFileSync(resolve(`../app/locales/${language}/state.json`), "utf8")).action_required_long;
}

/** 201802 as people read it: February 2018 in a sentence, 2018-02 elsewhere. */
function month(value: string, language: Language, sentence: boolean): string {
  const [year, number] = [value.slice(0, 4), Number(value.slice(4))];
  if (!sentence) return `${year}-${value.slice(4)}`;
  return `${new Intl.DateTimeFormat(language, { month: "long" }).format(new Date(2000, number - 1, 1))} ${year}`;
}

/** A text of the catalogue with the values of this case in it. */
function filled(text: string, params: Record<string, unknown>, language: Language, sentence: boolean): string {
  const chosen = text.replace(/\{(\w+), select, true \{([^}]*)\} other \{([^}]*)\}\}/g, (_, name, yes, no) => (params[name] ? yes : no));
  return chosen.replace(/\{(\w+)\}/g, (_, name) => {
    const value = params[name];
    const show = (v: unknown) => (/^\d{6}$/.test(String(v)) && name.startsWith("period") ? month(String(v), language, sentence) : String(v));
    return Array.isArray(value) ? value.map(show).join(` ${AND[language]} `) : show(value);
  });
}

interface Case {
  source: string;
  package: string;
  code: string;
  task: Omit<NewTask, "dossier">;
  /** What the connector says of this failure. */
  params: Record<string, unknown>;
  /** What the desk knows by itself. */
  known?: Record<string, unknown>;
}

/** The six instructions of the sources. */
const CASES: Case[] = [
  {
    source: "Exact Online: no rights on a new dossier", package: "exact_online", code: "dossier_access_missing",
    task: { kind: ACTIVATE, payload: { name: "Client CASE", package: "exact_online" } }, params: { connector_user: "connector@halden-vos.example" },
  },
  { source: "Wings: old database version", package: "wings", code: "database_version_outdated", task: { kind: BOOK, subject: "ACH-1.pdf" }, params: {} },
  {
    source: "Expert-M: a payment is linked to the document", package: "expert_m", code: "payment_linked",
    task: { kind: DELETE, subject: "2026-0412" }, params: { document_no: "2026-0412" },
  },
  { source: "Expert-M: database missing but a backup present", package: "expert_m", code: "database_missing", task: { kind: SYNC }, params: { backup_present: true } },
  { source: "Adsolut: no open booking period", package: "adsolut", code: "period_not_open", task: { kind: BOOK, subject: "FA-1.pdf" }, params: { period: "201802" } },
  {
    source: "WinBooks: no open VAT period", package: "winbooks", code: "vat_period_not_open", task: { kind: BOOK, subject: "INV-1.pdf" },
    params: { periods: ["201709", "201712"] }, known: { support_contact: "support@nachtwacht.example" },
  },
];

/** What the panel says, with the spaces as they read. */
async function text(page: Page, selector: string): Promise<string[]> {
  const all = await page.locator(selector).allTextContents();
  return all.map((t) => t.replace(/\s+/g, " ").trim());
}

for (const c of CASES) {
  test(`[M9][M11][M12] ${c.source}: the status, what to do and why, in five languages`, async ({ sandbox, page }) => {
    if (c.task.kind === ACTIVATE) await sandbox.hello();
    else await sandbox.dossiers(c.package, "CASE");
    const id = await sandbox.fail({ ...c.task, dossier: "CASE" }, failed(c.code, c.params, "as the package says it"));
    expect(await sandbox.status(id)).toBe("action_required");

    const instruction = CATALOGUE.find((i) => i.package === c.package && i.code === c.code)!;
    const params = { dossier_name: "Client CASE", dossier_code: "CASE", ...c.known, ...c.params };
    const english = [filled(instruction.title["en"]!, params, "en", false), ...instruction.steps.map((s) => filled(s["en"]!, params, "en", false))];
    expect((await sandbox.task(id)).instruction).toBe(english.join("\n"));

    await sandbox.signIn(page, "support");
    await sandbox.panel(page, id);
    for (const language of LANGUAGES) {
      await page.locator(".language select").selectOption(language);
      const say = (texts: Texts, sentence: boolean) => filled(texts[language]!, params, language, sentence).replace(/\s+/g, " ").trim();
      await expect(page.locator("#detail h2").first()).toHaveText(`${say(instruction.title, false)} · ${instruction.package_name}`);
      await expect(status(page)).toHaveText(STATUS[language]);
      await expect.poll(() => text(page, "#detail .todo ol > li")).toEqual(instruction.steps.map((s) => say(s, false)));
      expect(await text(page, "#detail .lead")).toEqual([say(instruction.cause, true)]);
      if (instruction.escalate) expect(await text(page, "#detail .escalate")).toEqual([say(instruction.escalate, true)]);
      // the list says it in the same language
      await expect(page.locator("section.grp h3")).toContainText([say(instruction.title, false)]);
      await expect(page.locator("html")).toHaveAttribute("lang", language);
    }
    // a title may read alike in Norwegian and Danish; the whole instruction does not
    const whole = (l: string) => [instruction.title, instruction.cause, ...instruction.steps].map((t) => t[l]).join("\n");
    expect(new Set(LANGUAGES.map(whole)).size, "five different instructions").toBe(LANGUAGES.length);
  });
}

test("[M11][M12] Expert-M: without a backup the instruction says so", async ({ sandbox, page }) => {
  await sandbox.dossiers("expert_m", "CASE");
  const id = await sandbox.fail({ kind: SYNC, dossier: "CASE" }, failed("database_missing", { backup_present: false }));
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id);
  await expect(panel.locator(".lead")).toContainText("No backup copy was found.");
  await expect(panel.locator(".lead")).not.toContainText("A backup copy was found.");
});

test("[M9] an instruction whose values are missing is no riddle for the office: it goes to Support", async ({ sandbox }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE" }, failed("period_not_open", {}));
  const task = await sandbox.task(id);
  expect(task.status).toBe("failed");
  expect(task.failure.code).toBe("period_not_open");
});

test("[T7] a package that does not answer is tried again by itself, after a growing pause, and nobody is asked", async ({ sandbox, page }) => {
  await sandbox.dossiers("wings", "CASE");
  const id = await sandbox.one({ kind: BOOK, dossier: "CASE", subject: "D-90.pdf" });
  const other = await sandbox.one({ kind: SYNC, dossier: "CASE" });
  const tasks = await sandbox.claim();
  expect(tasks.map((t) => t.id)).toEqual([id]);
  expect(await sandbox.report(tasks[0]!, failed("package_unreachable", {}, "connect: timed out"))).toBe("queued");

  const resting = await sandbox.task(id);
  expect(resting).toMatchObject({ status: "queued", waits_for: "resting", instruction: null });
  expect(resting.attempts).toMatchObject([{ attempt: 1, outcome: "failed", report: { failed: { code: "package_unreachable", detail: "connect: timed out" } } }]);
  // it rests now and keeps its place: the dossier's next task comes after it, in the order of delivery
  expect(await sandbox.claim()).toEqual([]);
  expect(await sandbox.task(other)).toMatchObject({ status: "queued", waits_for: "behind", waits_for_task: id });

  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id);
  await expect(status(page)).toHaveText("Queued");
  const words = await panel.getByTestId("waits").innerText();
  const seconds = Number(/tried again by itself in (\d+) s\./.exec(words)?.[1]);
  // 30 s, give or take a fifth, less the moments since
  expect(seconds, words).toBeGreaterThan(15);
  expect(seconds, words).toBeLessThanOrEqual(36);
  await expect(panel.getByTestId("waits")).toContainText("There is nothing to do.");
});

test("[T7] after its pause the task is taken again, and the connector learns of the earlier try", async ({ sandbox }) => {
  await sandbox.dossiers("wings", "CASE");
  const id = await sandbox.one({ kind: BOOK, dossier: "CASE" });
  const began = Date.now();
  await sandbox.report(await sandbox.claimOne(), failed("package_unreachable"));
  const again = await sandbox.claim(0, { wait_seconds: 45 });
  const waited = (Date.now() - began) / 1000;
  expect(again).toMatchObject([{ id, attempt: 2, earlier: [{ attempt: 1, outcome: "failed" }] }]);
  expect(waited).toBeGreaterThan(23);
  expect(waited).toBeLessThan(38);
  expect(await sandbox.report(again[0]!)).toBe("succeeded");
});

test("[T7] wrong period, wrong journal, database error, double booking, wrong VAT code: each is a cause of its own and goes to Support", async ({ sandbox, page }) => {
  const causes = {
    period_wrong: "Wrong period", journal_wrong: "Wrong journal", database_error: "Database error",
    double_booking: "Double booking", vat_code_wrong: "Wrong VAT code", document_invalid: "The document cannot be read",
  };
  await sandbox.dossiers("adsolut", ...Object.keys(causes).map((code) => code.toUpperCase()));
  await sandbox.signIn(page, "support");
  for (const [code, words] of Object.entries(causes)) {
    const task = { kind: BOOK, dossier: code.toUpperCase(), subject: `${code}.pdf` };
    const id = await sandbox.fail(task, failed(code, { found: "X" }, "what the package said"));
    expect(await sandbox.task(id)).toMatchObject({ status: "failed", failure: { code, detail: "what the package said", params: { found: "X" } } });
    await page.goto(`${sandbox.server.url}/o/sandbox/tasks?task=${id}`);
    await expect(status(page)).toHaveText("With support");
    await expect(page.locator("#detail h2").first()).toContainText(words);
    await expect(page.locator("#detail")).toContainText("You do not need a ticket.");
  }
  await expect(page.locator("section.grp")).toHaveCount(Object.keys(causes).length);
});

test("[T7][T8] a code that nobody knows goes to Support, with everything the connector said", async ({ sandbox, page }) => {
  await sandbox.dossiers("winbooks", "CASE");
  const detail = "Kostenplaats 4410 bestaat niet.";
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE" }, failed("cost_centre_unknown", { cost_centre: "4410" }, detail));
  const task = await sandbox.task(id);
  expect(task).toMatchObject({ status: "failed", instruction: null, failure: { code: "cost_centre_unknown", detail, params: { cost_centre: "4410" } } });
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id);
  await expect(status(page)).toHaveText("With support");
  await panel.getByText("Technical details").click();
  await expect(panel.locator("details")).toContainText("winbooks.cost_centre_unknown");
  await expect(panel.locator("details")).toContainText("4410");
  await expect(panel.locator("details pre")).toHaveText(detail);
});

test("[T8] a failed activation keeps its dossier's later tasks waiting, no other dossier's, and the screen says what waits for what", async ({ sandbox, page }) => {
  await sandbox.dossiers("exact_online", "OTHER");
  const activation = await sandbox.fail(
    { kind: ACTIVATE, dossier: "HELD", payload: { name: "Held & Co", package: "exact_online" } },
    failed("dossier_access_missing", { connector_user: "connector@halden-vos.example" }),
  );
  const [first, second, free] = await sandbox.deliver(
    { kind: BOOK, dossier: "HELD", subject: "H-1.pdf" }, { kind: SYNC, dossier: "HELD" }, { kind: BOOK, dossier: "OTHER" },
  );
  expect((await sandbox.claim()).map((t) => t.id)).toEqual([free]);
  expect(await sandbox.task(first!)).toMatchObject({ status: "queued", waits_for: "held", waits_for_task: activation });
  expect(await sandbox.task(second!)).toMatchObject({ status: "queued", waits_for: "held", waits_for_task: activation });

  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, activation);
  await expect(panel.locator(".holds")).toHaveText("Keeps 2 later tasks of this dossier waiting, so that no follow-on errors arise.");
  await row(page, first!).locator("a").click();
  await expect(panel.getByTestId("waits")).toContainText(`It waits for task ${activation}, which has stopped.`);
  await expect(panel.getByTestId("waits")).toContainText("Place 1 in the dossier’s line.");
  // the words lead to the task that is waited for
  await panel.getByTestId("waits").getByRole("link").click();
  await page.waitForURL(`**/o/sandbox/tasks/${activation}`);
  await alive(page);
  await expect(status(page)).toHaveText("Action employee required");

  // once the activation is done, they go on in their order
  await page.getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Queued");
  await sandbox.report(await sandbox.claimOne());
  for (const id of [first!, second!]) {
    const task = await sandbox.claimOne();
    expect(task.id).toBe(id);
    await sandbox.report(task);
  }
});

test("[T8] a task about a document waits for an earlier, failed one about the same document", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const failedOne = await sandbox.fail({ kind: BOOK, dossier: "CASE", subject: "S-1.pdf" }, failed("database_error"));
  const [later, free] = await sandbox.deliver({ kind: DELETE, dossier: "CASE", subject: "S-1.pdf" }, { kind: BOOK, dossier: "CASE", subject: "S-2.pdf" });
  expect((await sandbox.claim()).map((t) => t.id)).toEqual([free]);
  const waiting = await sandbox.task(later!);
  expect(waiting.status).toBe("queued");
  expect(["dossier_busy", "for_earlier"]).toContain(waiting.waits_for);
  await sandbox.signIn(page, "support");
  await sandbox.panel(page, failedOne);
  await expect(status(page)).toHaveText("With support");
});

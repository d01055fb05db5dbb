/** Public forms: sent by anybody, also while the desk is closed; accepted by staff into an activation. */
import { expect, type Page } from "@playwright/test";
import { MINUTE, SECOND, shutOut, test, type Watch } from "./clock";
import { alive } from "./sandbox";
import { axe, watchErrors } from "./support";

const PDF = Buffer.from("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n");
const file = (name: string, buffer = PDF, mimeType = "application/pdf") => ({ name, mimeType, buffer });

async function open(watch: Watch, page: Page, kind = "intake", office = "sandbox"): Promise<void> {
  await page.goto(`${watch.server.url}/forms/${office}/${kind}`);
  await expect(page.locator("html")).toHaveAttribute("lang", /.+/);
  await page.waitForLoadState("networkidle");
}

/** Sends a form as a program does; gives the answer. */
function post(watch: Watch, page: Page, fields: Record<string, string>, kind = "intake", office = "sandbox") {
  const all = { name: "Nora", email: "nora@bakery.example", company: "Bakery", ...fields };
  return page.request.post(`${watch.server.url}/forms/${office}/${kind}/send`, { multipart: all, headers: { accept: "application/json" } });
}

test("a new client's form is filled in and sent while the desk is closed, and staff accept it into an activation", async ({ watch, page, browser }) => {
  const admin = await watch.person(await browser.newContext(), "admin_sandbox");
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(admin, closes, {}, "sandbox");
  await watch.clock.set(closes + SECOND);
  const errors = watchErrors(page);
  await open(watch, page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Become a client");
  await expect(page.getByText("Tell Sandbox about your company.")).toBeVisible();
  await axe(page);

  // nothing typed, then nonsense: each is named at its field, and what was typed stays
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.locator("#company-note")).toHaveText("Fill this in.");
  await page.getByLabel("Company").fill("Café <b>Zürich</b> & Zn");
  await page.getByLabel("Enterprise number (optional)").fill("BE 0123.456.789");
  await page.getByLabel("Your name").fill("Nora Żółć 🦉");
  await page.getByLabel("E-mail address").fill("nora at bakery");
  await page.getByLabel("Message (optional)").fill("Two lines\nof a message");
  await page.getByLabel("Files (optional)").setInputFiles([file("virus.pdf", Buffer.from("MZ\x90\x00"))]);
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.locator("#email-note")).not.toBeEmpty();
  await expect(page.locator("#files-note")).toHaveText("PDF, PNG or JPEG only.");
  await expect(page.getByLabel("Company")).toHaveValue("Café <b>Zürich</b> & Zn");
  await page.getByLabel("E-mail address").fill("nora@bakery.example");
  await page.getByLabel("Files (optional)").setInputFiles([1, 2, 3, 4].map((n) => file(`${n}.pdf`)));
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.locator("#files-note")).toHaveText("At most 3 files.");
  await page.getByLabel("Files (optional)").setInputFiles([file("../../etc/passwd.pdf"), file("b.pdf")]);
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByTestId("sent")).toHaveText(/^Thank you\. It has arrived; your number is \d+\.$/);
  await axe(page);
  expect(errors.filter((e) => !e.includes("422"))).toEqual([]);

  // staff
  await watch.lift(admin, id, "sandbox");
  await admin.goto(`${watch.server.url}/o/sandbox/requests`);
  await alive(admin);
  const card = admin.locator("section[data-request]").first();
  await expect(card.getByRole("heading")).toHaveText("Café <b>Zürich</b> & Zn");
  await expect(card).toContainText("Nora Żółć 🦉");
  await expect(card).toContainText("BE 0123.456.789");
  await expect(card.locator(".files li")).toHaveCount(2);
  const download = await admin.request.get(watch.server.url + (await card.locator(".files a").first().getAttribute("href"))!);
  expect(download.headers()["content-disposition"]).toBe('attachment; filename="passwd.pdf"');
  expect(download.headers()["content-type"]).toBe("application/pdf");
  expect(await download.body()).toEqual(PDF);
  await axe(admin);
  const code = card.getByLabel("Dossier code");
  await expect(code).toHaveValue("CAFBZ");
  await code.fill("not a code!");
  await card.getByRole("button", { name: "Accept and activate" }).click();
  await expect(card.locator("small.error")).toContainText("A code");
  await code.fill("CAFE1");
  await card.getByLabel("Package").selectOption("adsolut");
  await card.getByRole("button", { name: "Accept and activate" }).click();
  await expect(card).toHaveAttribute("data-state", "accepted");
  await card.getByRole("link", { name: /^Became task \d+$/ }).click();
  await expect(admin).toHaveURL(/\/o\/sandbox\/tasks\/\d+$/);
  await watch.hello();
  const [task] = await watch.claim();
  expect([task!.kind, task!.dossier]).toEqual(["activate_dossier", { code: "CAFE1", name: "Café <b>Zürich</b> & Zn", package: "adsolut" }]);
  // a second time is refused, and the audit log tells who did
  expect((await watch.call(admin, "accept_request", { office: "sandbox", id: 1, code: "CAFE2", package: "adsolut" })).status).toBe(409);
  await admin.goto(`${watch.server.url}/o/sandbox/audit?what=accept_request`);
  await alive(admin);
  await expect(admin.locator("table.log tbody tr")).toHaveCount(1);
});

test("[D11.1] while it is closed anybody sends both forms, with and without scripts, and so does who is shut out; staff find them afterwards", async ({ watch, page: admin, browser }) => {
  await watch.signIn(admin, "admin");
  const browserOf = async (javaScriptEnabled: boolean) => (await browser.newContext({ javaScriptEnabled, locale: "en-GB" })).newPage();
  const inside: Page[] = [];
  for (const scripts of [true, false]) {
    const page = await browserOf(scripts);
    await watch.signIn(page, "employee");
    inside.push(page);
  }
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(admin, closes);
  await watch.clock.set(closes + SECOND);
  for (const page of inside) {
    await page.goto(`${watch.server.url}/o/gent/tasks`);
    await shutOut(page);
  }

  const strangers = [await browserOf(true), await browserOf(false)];
  const sent: { number: string; title: string; email: string; kind: string }[] = [];
  for (const [who, pages] of [["Stranger", strangers], ["Shut out", inside]] as const) {
    for (const [n, page] of pages.entries()) {
      for (const [path, kind] of [["intake", "New client"], ["application", "Application"]] as const) {
        const name = `${who} ${n} ${path}`;
        const email = `${name.toLowerCase().replaceAll(" ", ".")}@home.example`;
        await page.goto(`${watch.server.url}/forms/gent/${path}`);
        // with scripts the page itself sends it, and stays; without, the browser does, and is led on
        await expect(page.locator("html[data-ready]")).toHaveCount(n === 0 ? 1 : 0);
        if (path === "intake") await page.getByLabel("Company").fill(`Company of ${name}`);
        await page.getByLabel("Your name").fill(name);
        await page.getByLabel("E-mail address").fill(email);
        await page.getByLabel("Files (optional)").setInputFiles([file("paper.pdf")]);
        await page.getByRole("button", { name: "Send" }).click();
        await expect(page.getByTestId("sent")).toHaveText(/^Thank you\. It has arrived; your number is \d+\.$/);
        expect(new URL(page.url()).searchParams.has("sent")).toBe(n === 1);
        const number = /\d+/.exec((await page.getByTestId("sent").textContent())!)![0];
        sent.push({ number, title: path === "intake" ? `Company of ${name}` : name, email, kind });
      }
    }
  }
  // sending is no way in
  await inside[0]!.goto(`${watch.server.url}/o/gent/tasks`);
  await shutOut(inside[0]!);

  await watch.lift(admin, id);
  const operator = await watch.person(await browser.newContext(), "operator");
  for (const staff of [admin, operator]) {
    await watch.open(staff, "/o/gent/requests");
    await expect(staff.locator("section[data-request]")).toHaveCount(sent.length);
    for (const one of sent) {
      const card = staff.locator(`section[data-request="${one.number}"]`);
      await expect(card.getByRole("heading")).toHaveText(one.title);
      for (const words of [one.kind, one.email, "New"]) await expect(card).toContainText(words);
      await expect(card.locator(".files li")).toHaveText(/^paper\.pdf ?1 kB$/);
    }
  }
});

test("an application is sent without scripts, in one's own language, and declined", async ({ watch, browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "nl-BE" });
  const page = await context.newPage();
  await page.goto(`${watch.server.url}/forms/gent/application`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Solliciteren");
  await page.locator("#name").fill("Kaat");
  await page.locator("#email").fill("wrong");
  await page.getByRole("button", { name: "Versturen" }).click();
  await expect(page.getByRole("heading")).toHaveText("Het is niet verzonden");
  await expect(page.locator("body")).toContainText("Dit is geen e-mailadres.");
  await page.goBack();
  await expect(page.locator("#name")).toHaveValue("Kaat");
  await page.locator("#email").fill("kaat@example.be");
  await page.locator("#files").setInputFiles([file("cv.pdf")]);
  await page.getByRole("button", { name: "Versturen" }).click();
  await expect(page.getByTestId("sent")).toContainText("Dank u. Het is aangekomen");
  const admin = await watch.person(await browser.newContext(), "admin");
  await watch.open(admin, "/o/gent/requests");
  const card = admin.locator("section[data-request]").first();
  await expect(card).toContainText("Application");
  await card.getByRole("button", { name: "Decline" }).click();
  await expect(card).toHaveAttribute("data-state", "declined");
  await expect(card).toContainText("Lotte Maes");
});

test("a form posted over and over, by programs, too large, or to nowhere: refused, and nothing else suffers", async ({ watch, page, browser }) => {
  // what fills in everything is a program, or a helper of a person: it is kept, and marked
  const trapped = await post(watch, page, { website: "http://spam.example" });
  expect(trapped.status()).toBe(200);
  expect((await trapped.json()).id).toBeGreaterThan(0);
  expect((await post(watch, page, {}, "intake", "nowhere")).status()).toBe(404);
  expect((await post(watch, page, {}, "poem")).status()).toBe(404);
  expect((await post(watch, page, { message: "x".repeat(5001) })).status()).toBe(422);
  expect((await post(watch, page, { name: "a\u0000b" })).status()).toBe(422);
  const large = await page.request.post(`${watch.server.url}/forms/sandbox/intake/send`, {
    multipart: { name: "N", email: "n@x.example", company: "C", files: file("big.pdf", Buffer.concat([PDF, Buffer.alloc(11 << 20)])) },
    headers: { accept: "application/json" },
  });
  expect(large.status()).toBe(413);
  const raw = await page.request.post(`${watch.server.url}/forms/sandbox/intake/send`, { data: "not a form", headers: { accept: "application/json", "content-type": "text/plain" } });
  expect(raw.status()).toBe(400);
  let [taken, refused] = [0, 0];
  for (let n = 0; n < 200; n++) {
    const answer = await post(watch, page, { company: `Bakery ${n}` });
    if (answer.status() === 200) taken++;
    else {
      expect(answer.status()).toBe(429);
      expect(Number(answer.headers()["retry-after"])).toBeGreaterThan(0);
      refused++;
    }
  }
  expect(taken).toBeLessThanOrEqual(35);
  expect(refused).toBeGreaterThan(150);
  // another office's form is not concerned, and staff see what came in, the marked one last
  expect((await post(watch, page, {}, "intake", "gent")).status()).toBe(200);
  const support = await watch.person(await browser.newContext(), "support");
  const { body } = await watch.call(support, "requests", { office: "sandbox" });
  expect(body.lines).toHaveLength(taken + 1);
  expect(body.lines.map((l: { automatic: boolean }) => l.automatic)).toEqual([...Array(taken).fill(false), true]);
  await watch.open(support, "/o/sandbox/requests");
  await expect(support.locator("section[data-request]").last().getByTestId("automatic")).toHaveText("Probably automatic");
  // and they are told
  await watch.open(support, "/o/sandbox/alerts");
  await expect(support.locator("[data-alert=flood]").getByRole("heading", { name: "Somebody floods a public form" })).toBeVisible();
  // an employee, who does not see every dossier, sees no requests; nobody else's files either
  const staff = await watch.person(await browser.newContext(), "employee");
  expect((await watch.call(staff, "requests", { office: "gent" })).status).toBe(403);
  expect((await watch.call(staff, "requests", { office: "sandbox" })).status).toBe(404);
  expect((await page.request.get(`${watch.server.url}/api/desk/request-file/sandbox/1/0`)).status()).toBe(401);
});

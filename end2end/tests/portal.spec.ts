/** The portal: clients and candidates see their own affairs and nothing of the desk; what they hand in is booked. */
import { expect, type Page } from "@playwright/test";
import { MINUTE, SECOND, countdown, shutOut, test, warning, type Watch } from "./clock";
import { axe, watchErrors } from "./support";

const PDF = Buffer.from("%PDF-1.4\n%%EOF\n");

const clara = (role: "client" | "candidate", email: string) => ({ name: "Clara Client", email, role, language: "en" });

async function gives(watch: Watch, support: Page, email: string, ...codes: string[]): Promise<void> {
  const people = await watch.call(support, "people", { office: "sandbox", text: email });
  const person = people.body[0].id;
  const dossiers = await watch.call(support, "dossiers_for", { office: "sandbox", person, text: "" });
  const add = codes.map((code) => dossiers.body.find((d: any) => d.code === code).id);
  const given = await watch.call(support, "set_managed", { office: "sandbox", person, add, remove: [] });
  expect(given.status, JSON.stringify(given.body)).toBe(200);
}

test("[D5.1] a client sees how their books do and hands a document in, which becomes one booking proposal; a downtime shuts the portal like the desk", async ({ watch, browser }) => {
  await watch.dossiers("adsolut", "AAA", "BBB");
  const support = await watch.person(await browser.newContext(), "support");
  const email = "clara@client.example";
  const page = await watch.newcomer(browser, support, "sandbox", clara("client", email));
  const errors = watchErrors(page);
  await expect(page.getByText("The office has not given you a dossier yet.")).toBeVisible();
  await gives(watch, support, email, "AAA");
  await page.reload();
  await expect(page.locator("html[data-ready]")).toBeAttached();
  await expect(page.locator("ul.doing li")).toHaveCount(1);
  await expect(page.locator("ul.doing li")).toContainText("Everything is up to date. Nothing to do for you.");
  await axe(page);

  // what is no document, then one, then the same once more
  const hand = async (name: string, buffer: Buffer) => {
    await page.locator("#files").setInputFiles([{ name, mimeType: "application/octet-stream", buffer }]);
    await page.getByRole("button", { name: "Hand in" }).click();
  };
  await hand("virus.exe", Buffer.from("MZ\x90"));
  await expect(page.locator("#files-note")).toHaveText("XML, PDF, PNG or JPEG only.");
  await hand("big.pdf", Buffer.concat([PDF, Buffer.alloc(10_200_000)]));
  await expect(page.locator("#files-note")).toHaveText("Smaller than 10 MB.");
  await hand("invoice.pdf", PDF);
  await expect(page.getByText("It has arrived.")).toBeVisible();
  await expect(page.locator("ul.handed li")).toContainText("Waiting to be booked");
  await hand("invoice again.pdf", PDF);
  await expect(page.getByText("It has arrived.")).toBeVisible();
  await expect(page.locator("ul.handed li")).toHaveCount(1);
  const [task] = await watch.claim();
  expect(task!.kind).toBe("process_booking_proposal");
  expect(task!.dossier.code).toBe("AAA");
  expect(task!.payload).toEqual({ document_base64: PDF.toString("base64"), type: "application/pdf", file_name: "invoice.pdf" });
  await watch.report(task!);
  await page.reload();
  await expect(page.locator("ul.handed li")).toContainText("Booked");
  // a telephone's photograph
  await hand("image.jpg", Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(3_500_000, 7)]));
  await expect(page.getByText("It has arrived.")).toBeVisible();
  await expect(page.locator("ul.handed li").filter({ hasText: "image.jpg" })).toContainText("Waiting to be booked");
  expect(errors.filter((e) => !e.includes("422"))).toEqual([]);

  // nothing of the desk, and nobody else's books
  for (const [call, body] of [
    ["tasks", { office: "sandbox", filter: { states: ["queued"] }, after: null, rows: 10 }], ["people", { office: "sandbox", text: "" }], ["requests", { office: "sandbox" }],
    ["downtime", { office: "sandbox" }], ["mail", { office: "sandbox" }], ["jobs", { office: "sandbox", ask: {} }],
  ] as const) {
    expect((await watch.call(page, call, body)).status, call).toBe(404);
  }
  expect((await watch.call(page, "who", {})).body.offices).toEqual([]);
  for (const path of ["/o/sandbox/tasks", "/o/sandbox/clients"]) {
    const text = await (await page.request.get(watch.server.url + path)).text();
    expect(text).not.toContain("Client BBB");
  }
  expect((await page.request.get(`${watch.server.url}/api/desk/live?office=sandbox`)).status()).toBe(404);
  expect((await page.request.get(`${watch.server.url}/api/desk/export/tasks.csv?office=sandbox`)).status()).toBe(404);
  const theirs = await page.request.post(`${watch.server.url}/api/desk/hand-in`, { multipart: { dossier: "BBB", files: { name: "a.pdf", mimeType: "application/pdf", buffer: PDF } }, headers: { accept: "application/json" } });
  expect(theirs.status()).toBe(404);
  // two at once: neither is passed over in silence
  const both = new FormData();
  both.append("dossier", "AAA");
  for (const name of ["c.pdf", "d.pdf"]) both.append("files", new Blob([Buffer.concat([PDF, Buffer.from(name)])]), name);
  const two = await page.request.post(`${watch.server.url}/api/desk/hand-in`, { multipart: both, headers: { accept: "application/json" } });
  expect([two.status(), (await two.json()).errors]).toEqual([422, [{ field: "files", message: "must be one at a time", rule: ["OneAtATime"] }]]);
  // and the client is no manager of the dossier for those inside
  await watch.open(support, "/o/sandbox/dossiers/AAA");
  await expect(support.getByRole("main")).not.toContainText("Clara");

  // a downtime: countdown, pop-up, maintenance
  // told while a document is on its way: that stands as it is, and what was chosen
  let go = () => {};
  const held = new Promise<void>((resume) => (go = resume));
  await page.route("**/api/desk/hand-in", async (route) => {
    await held;
    await route.continue();
  });
  await hand("later.pdf", Buffer.concat([PDF, Buffer.from("later")]));
  const button = page.locator("form:has(#files) button");
  await expect(button).toBeDisabled();
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(support, closes, {}, "sandbox");
  await expect(countdown(page)).toBeVisible();
  await expect(button).toBeDisabled();
  expect(await page.locator("#files").evaluate((field: HTMLInputElement) => field.files!.length)).toBe(1);
  await expect(page.locator("ul.handed li").filter({ hasText: "later.pdf" })).toHaveCount(0);
  go();
  await expect(page.locator("ul.handed li").filter({ hasText: "later.pdf" })).toHaveCount(1);
  await expect(button).toBeEnabled();
  await page.reload();
  await expect(countdown(page)).toBeVisible();
  await expect(countdown(page).getByRole("button")).toHaveCount(0);
  await expect(warning(page)).toBeVisible();
  await page.getByRole("button", { name: "I understand" }).click();
  const [bar, main] = [await countdown(page).boundingBox(), await page.getByRole("main").boundingBox()];
  expect(bar!.y + bar!.height).toBeLessThanOrEqual(main!.y + 1);
  await page.keyboard.press("Escape");
  await expect(countdown(page)).toBeVisible();
  await watch.clock.set(closes + SECOND);
  const shut = await page.request.post(`${watch.server.url}/api/desk/hand-in`, { multipart: { dossier: "AAA", files: { name: "b.pdf", mimeType: "application/pdf", buffer: Buffer.concat([PDF, PDF]) } }, headers: { accept: "application/json" } });
  expect([shut.status(), (await shut.json()).code]).toEqual([503, "temporarily_out_of_service"]);
  await page.reload();
  await shutOut(page);
  await watch.lift(support, id, "sandbox");
  await page.reload();
  // the invoice, the photograph and what was on its way, and nothing of what was refused
  await expect(page.locator("ul.handed li")).toHaveCount(3);
});

test("a candidate sees where their application stands", async ({ watch, browser }) => {
  const support = await watch.person(await browser.newContext(), "support");
  const email = "kim@example.org";
  const sent = await support.request.post(`${watch.server.url}/forms/sandbox/application/send`, { multipart: { name: "Kim", email }, headers: { accept: "application/json" } });
  expect(sent.status()).toBe(200);
  const page = await watch.newcomer(browser, support, "sandbox", clara("candidate", email));
  await expect(page.getByText("It has arrived. Somebody will read it.")).toBeVisible();
  await axe(page);
  const { id } = await sent.json();
  expect((await watch.call(support, "accept_request", { office: "sandbox", id, code: "", package: "" })).status).toBe(200);
  await page.reload();
  await expect(page.getByText("It was accepted. Somebody will get in touch.")).toBeVisible();
  expect((await watch.call(page, "portal", {})).body.dossiers).toEqual([]);
  const closes = watch.clock.minute(11 * MINUTE);
  await watch.announce(support, closes, {}, "sandbox");
  await watch.clock.set(closes + SECOND);
  await page.reload();
  await shutOut(page);
});

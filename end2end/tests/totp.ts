/** A second factor as an app on a phone has it: RFC 6238, worked out here and not by the product. */
import { expect, type Page } from "@playwright/test";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

// the reader's program comes with its package: nothing is fetched
prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(require.resolve("zxing-wasm/reader/zxing_reader.wasm"))).buffer } });

/** What a phone reads in a picture, which must show one QR code. */
export async function readQr(png: Buffer): Promise<string> {
  const found = await readBarcodes(png, { formats: ["QRCode"] });
  expect(found.map((f) => f.error)).toEqual([""]);
  return found[0]!.text;
}

const STEP_MS = 30_000;

/** What an app with this key shows during a step. */
export function codeOf(key: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", base32(key)).update(counter).digest();
  const number = mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** The step of an instant. */
export const stepOf = (at = Date.now()): number => Math.floor(at / STEP_MS);

function base32(key: string): Buffer {
  let bits = "";
  for (const letter of key.replace(/\s/g, "")) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  return Buffer.from(bits.match(/[01]{8}/g)!.map((byte) => parseInt(byte, 2)));
}

/** An app that was given a key. It never shows a code twice, as a person would wait for the next. */
export class App {
  constructor(readonly key: string, private last = 0) {}

  /** A code that was not used yet; the one after this one is good already, the one after that is waited for. */
  async next(): Promise<string> {
    const step = Math.max(stepOf(), this.last + 1);
    const early = (step - 1) * STEP_MS - Date.now();
    if (early > 0) await new Promise((resume) => setTimeout(resume, early + 100));
    this.last = step;
    return codeOf(this.key, step);
  }
}

/** Who stands before the page that sets a second factor up does so; gives the app and the recovery codes, which may be
 *  looked at as they are shown. */
export async function enrol(page: Page, look = async () => {}): Promise<{ app: App; codes: string[] }> {
  await page.waitForURL((url) => url.pathname === "/second-factor");
  const app = new App((await page.getByTestId("key").textContent())!);
  await page.locator("#code").fill(await app.next());
  await page.getByTestId("set-up").click();
  await page.waitForURL((url) => url.pathname === "/recovery-codes");
  const codes = await page.getByTestId("recovery-codes").locator("code").allTextContents();
  expect(codes).toHaveLength(10);
  await look();
  await page.getByTestId("kept").click();
  await page.waitForURL((url) => url.pathname !== "/recovery-codes");
  return { app, codes };
}

/** Who has given their password gives the code, too. */
export async function giveCode(page: Page, app: App): Promise<void> {
  await page.waitForURL((url) => url.pathname === "/second-factor");
  await page.locator("#code").fill(await app.next());
  await page.getByTestId("give-code").click();
  await page.waitForURL((url) => url.pathname !== "/second-factor");
}

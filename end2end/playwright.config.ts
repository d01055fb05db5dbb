import { defineConfig } from "@playwright/test";
import { existsSync } from "node:fs";
import places from "./browsers.json";
import { BASE_URL } from "./servers";

// The system's browser: nothing is downloaded. First the one without windows: a page is least work to it.
const browser = [process.env.CHROMIUM, ...places].find((path) => path && existsSync(path));

export default defineConfig({
  testDir: "./tests",
  outputDir: "./test-results/artifacts",
  // Patience for a shared machine on a bad day, when everything takes five times as long; how quick things are is
  // measured by `make bench`.
  timeout: 180_000,
  expect: { timeout: 45_000 },
  // a worker has a server, and a file a worker: tests of one file see each other's tasks, those of others do not
  workers: Number(process.env.E2E_WORKERS ?? 1),
  retries: 0,
  forbidOnly: !!process.env.CI,
  reporter: [["list"], ["json", { outputFile: "test-results/results.json" }]],
  globalSetup: "./ready.ts",
  use: {
    baseURL: BASE_URL,
    // recording every test costs as much as the test: TRACE=1 to look closer at one that fails
    trace: process.env.TRACE ? "retain-on-failure" : "off",
    launchOptions: {
      executablePath: browser,
      args: [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ],
    },
  },
});

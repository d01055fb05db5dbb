/** The servers under test, as `tools/e2e.sh` started them: one for each worker, so that files can run beside each other. */

/** The addresses of all of them. */
export const ALL = (process.env.BASE_URLS ?? "http://127.0.0.1:3100").split(",");

const mine = Number(process.env.TEST_PARALLEL_INDEX ?? 0);

/** This worker's server. */
export const BASE_URL = ALL[mine]!;

/** What it wrote beside its data for people and tests to get in with. */
export function demoJson(): string | undefined {
  return process.env.DEMO_JSONS?.split(",")[mine];
}

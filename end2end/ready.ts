import { ALL } from "./servers";

/** Waits until the servers under test say that they are ready, so that no test pays for their start. */
export default async function ready(): Promise<void> {
  await Promise.all(ALL.map((server) => untilReady(`${server}/health/ready`)));
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  let last = "no answer";
  while (Date.now() < deadline) {
    try {
      const answer = await fetch(url);
      if (answer.status === 200) return;
      last = `status ${answer.status}`;
    } catch (e) {
      last = String(e instanceof Error ? (e.cause ?? e) : e);
    }
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error(`${url} was not ready within a minute: ${last}`);
}

/** Waits until the server under test says that it is ready, so that no test pays for its start. */
export default async function ready(): Promise<void> {
  const url = `${process.env.BASE_URL ?? "http://127.0.0.1:3100"}/health/ready`;
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

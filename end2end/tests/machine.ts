/** The shipped connector on a machine of its own, with a package that a test makes wait; and what may stand between it and
 *  the desk. */
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server as Http } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sandbox, Which } from "./sandbox";

/** A connector of the sandbox. */
export class Machine {
  readonly dir = mkdtempSync(join(tmpdir(), "nachtwacht-machine-"));
  readonly program = join(this.dir, "package");
  private child: ChildProcess | undefined;
  /** What the connector has printed. */
  said = "";

  constructor(private readonly sandbox: Sandbox, which: Which) {
    writeFileSync(join(this.dir, "token"), `${sandbox.keys.sandbox.connector_tokens[which]}\n`);
    // the package keeps a book of its own of what it was asked to do
    writeFileSync(this.program, `#!/bin/sh
task=$(cat)
printf '%s\\n' "$task" >> ${this.dir}/asked
while [ -e ${this.dir}/hold ]; do sleep 0.05; done
echo '{"succeeded":{}}'
`);
    chmodSync(this.program, 0o755);
  }

  /** `nachtwacht connector --adapter command`, with long polls. */
  start(...more: string[]): void {
    const file = (name: string) => join(this.dir, name);
    const args = ["connector", "--url", this.sandbox.server.url, "--token-file", file("token"), "--adapter", "command"];
    args.push("--program", this.program, "--packages", "adsolut", "--state", file("state"), "--long-poll", ...more);
    this.child = spawn(process.env.NACHTWACHT_BIN ?? "", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    for (const stream of [this.child.stdout!, this.child.stderr!]) stream.setEncoding("utf8").on("data", (text: string) => (this.said += text));
  }

  packageWaits(): void {
    writeFileSync(join(this.dir, "hold"), "");
  }

  packageGoesOn(): void {
    rmSync(join(this.dir, "hold"), { force: true });
  }

  /** The package is not there any more. */
  loses(): void {
    rmSync(this.program);
  }

  /** The tasks that the package was asked to carry out, by its own book. */
  asked(): string[] {
    const book = join(this.dir, "asked");
    const lines = existsSync(book) ? readFileSync(book, "utf8").split("\n").filter((line) => line.endsWith("}")) : [];
    return lines.map((line) => JSON.parse(line).id);
  }

  /** Kills the connector with -9. */
  async kill(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resume) => child.once("exit", resume));
    process.kill(-child.pid!, "SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    await this.kill();
    // a program that waits goes on when nothing holds it any more
    this.packageGoesOn();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A proxy before the desk, which may answer reports by itself. */
export class Proxy {
  /** When the connector asked for tasks, in milliseconds. */
  readonly visits: number[] = [];
  /** Answers reports with this status and a page of its own; 0 lets them through. */
  answersReports = 0;
  /** Reports come this far and no further: the line breaks. */
  losesReports = false;
  private server!: Http;
  url = "";

  async start(desk: string): Promise<void> {
    this.server = createServer((from, to) => {
      if (from.url === "/api/v1/claim") this.visits.push(performance.now());
      if (this.losesReports && from.url === "/api/v1/report") return void from.socket.destroy();
      if (this.answersReports > 0 && from.url === "/api/v1/report") {
        from.resume().on("end", () => to.writeHead(this.answersReports, { "content-type": "text/html" }).end("<h1>Sorry</h1>"));
        return;
      }
      const onward = request(desk + from.url, { method: from.method, headers: from.headers }, (answer) => {
        to.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(to);
      });
      onward.on("error", () => to.destroy());
      from.pipe(onward);
    });
    await new Promise<void>((resume) => this.server.listen(0, "127.0.0.1", resume));
    this.url = `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

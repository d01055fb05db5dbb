/** A real SMTP server for the tests: what it took, and how it behaves when a test wants it to be difficult. */
import { simpleParser, type ParsedMail } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface Mail {
  to: string[];
  subject: string;
  text: string;
  html: string;
  headers: Map<string, unknown>;
  /** As it came over the wire. */
  raw: string;
}

/** An answer of a mail server that is not "yes". */
export class No extends Error {
  constructor(readonly responseCode: number, message: string) {
    super(message);
  }
}

export class Post {
  readonly mails: Mail[] = [];
  /** Asked at each recipient; throws to refuse. */
  refuse: (address: string) => void = () => undefined;
  /** It takes a mail and never answers. */
  hangs = false;
  tries = 0;
  private constructor(private readonly server: SMTPServer, readonly port: number) {}

  /** Starts one on a free port. */
  static async open(options: SMTPServerOptions = { authOptional: true, disabledCommands: ["STARTTLS"] }): Promise<Post> {
    let post: Post;
    const server = new SMTPServer({
      logger: false,
      disableReverseLookup: true,
      onRcptTo(address, _session, done) {
        post.tries++;
        if (post.hangs) return;
        try {
          post.refuse(address.address);
          done();
        } catch (e) {
          done(e as Error);
        }
      },
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on("data", (c: Buffer) => chunks.push(c));
        stream.on("end", () => {
          const raw = Buffer.concat(chunks);
          void simpleParser(raw).then((m: ParsedMail) => {
            post.mails.push({
              to: session.envelope.rcptTo.map((r) => r.address),
              subject: m.subject ?? "",
              text: m.text ?? "",
              html: m.html || "",
              headers: m.headers as Map<string, unknown>,
              raw: raw.toString(),
            });
            done();
          });
        });
      },
      ...options,
    });
    server.on("error", () => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.server.address();
    post = new Post(server, typeof address === "object" && address ? address.port : 0);
    return post;
  }

  /** What somebody got, oldest first. */
  of(address: string): Mail[] {
    return this.mails.filter((m) => m.to.includes(address));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(resolve));
  }
}

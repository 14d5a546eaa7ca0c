/** Many clients at once that send one mail after another, and remember what they were told about each. */

import { openSession } from './mail.js';
import type { SmtpClient } from './smtp-client.js';

export interface LoadSettings {
  /** Clients are shared out over these. */
  readonly ports: readonly number[];
  readonly clients: number;
  /** Each client ends after so many mails. Default: at `stop`. */
  readonly mailsEach?: number;
  readonly recipientsEach?: number;
}

export interface LoadResult {
  /** Ids of mails that were answered 250; the id is in the first recipient's address. */
  readonly accepted: readonly string[];
  /** Ids of mails whose final dot was sent and that got no reply. */
  readonly unanswered: readonly string[];
  /** Replies that refused anything, `450 4.7.0 …`, with how often. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Sessions that ended without a reply to what was asked last. */
  readonly broken: number;
}

export interface Load {
  /** Mails accepted so far. */
  readonly accepted: number;
  /** Resolves when so many have been accepted. */
  reached(accepted: number): Promise<void>;
  /** Lets the mails under way finish. */
  stop(): Promise<LoadResult>;
  /** When all clients have ended by themselves. */
  readonly done: Promise<LoadResult>;
}

export function startLoad(settings: LoadSettings): Load {
  const load = new RunningLoad(settings);
  return load;
}

class RunningLoad implements Load {
  readonly done: Promise<LoadResult>;
  readonly #accepted: string[] = [];
  readonly #unanswered: string[] = [];
  readonly #refusals = new Map<string, number>();
  readonly #watchers = new Set<() => void>();
  #broken = 0;
  #stopping = false;

  constructor(private readonly settings: LoadSettings) {
    const clients = Array.from({ length: settings.clients }, (_, number) => this.#run(number));
    this.done = Promise.all(clients).then(() => ({
      accepted: this.#accepted,
      unanswered: this.#unanswered,
      refusals: this.#refusals,
      broken: this.#broken,
    }));
  }

  get accepted(): number {
    return this.#accepted.length;
  }

  reached(accepted: number): Promise<void> {
    const wanted = this.#accepted.length >= accepted;
    if (wanted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`only ${this.#accepted.length} accepted in time`)), 30_000);
      const look = () => {
        if (this.#accepted.length < accepted) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  stop(): Promise<LoadResult> {
    this.#stopping = true;
    return this.done;
  }

  async #run(number: number): Promise<void> {
    const { ports, mailsEach = Number.POSITIVE_INFINITY } = this.settings;
    const port = ports[number % ports.length] as number;
    let client: SmtpClient | null = null;
    for (let mail = 0; mail < mailsEach && !this.#stopping; mail += 1) {
      try {
        client ??= await openSession(port);
        if (!(await this.#send(client, `m${number}-${mail}`))) {
          client.destroy();
          client = null;
        }
      } catch {
        // The server went away, or does not listen: a moment later it may again.
        this.#broken += 1;
        client?.destroy();
        client = null;
        await new Promise((again) => setTimeout(again, 20));
      }
    }
    client?.destroy();
  }

  /** False when the session is over. */
  async #send(client: SmtpClient, id: string): Promise<boolean> {
    const { recipientsEach = 1 } = this.settings;
    const recipients = Array.from({ length: recipientsEach }, (_, index) => `RCPT TO:<${id}.${index}@example.net>`);
    client.write(['MAIL FROM:<a@example.com>', ...recipients, ''].join('\r\n'));
    const replies = [];
    for (let expected = 0; expected < 1 + recipientsEach; expected += 1) replies.push(await client.read());
    const [mail] = replies;
    // Without MAIL the RCPTs that were pipelined behind it are out of order (503), which says nothing more.
    if (mail !== undefined && mail.code !== 250) {
      this.#refused(mail);
      return mail.code !== 421;
    }
    for (const reply of replies) if (reply.code !== 250) this.#refused(reply);
    if (replies.some(({ code }) => code === 421)) return false;
    if (!replies.slice(1).some(({ code }) => code === 250)) return (await client.command('RSET')).code === 250;
    const data = await client.command('DATA');
    if (data.code !== 354) {
      this.#refused(data);
      return data.code !== 421;
    }
    client.write(`Subject: ${id}\r\n\r\nhello\r\n.\r\n`);
    const end = await client.read().catch((error: unknown) => {
      this.#unanswered.push(id);
      throw error;
    });
    if (end.code === 250) {
      this.#accepted.push(id);
      for (const watcher of [...this.#watchers]) watcher();
    } else this.#refused(end);
    return end.code !== 421;
  }

  #refused({ code, text }: { code: number; text: string }): void {
    const said = `${code} ${text}`;
    this.#refusals.set(said, (this.#refusals.get(said) ?? 0) + 1);
  }
}

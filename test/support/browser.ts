/** Chromium without a window, spoken to over its debugging pipe: what a person sees and presses. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Cleanup } from './redis.js';
import { until } from './until.js';

const ANSWER_WITHIN_MS = 60_000;

interface Message {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

export class Browser {
  #last = 0;
  #unread = '';
  readonly #waiting = new Map<number, (message: Message) => void>();

  private constructor(
    private readonly process: ChildProcess,
    private readonly toBrowser: Writable,
    fromBrowser: Readable,
  ) {
    fromBrowser.setEncoding('utf8').on('data', (text: string) => this.#heard(text));
  }

  static async start(cleanup: Cleanup): Promise<Browser> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-browser-'));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
    const child = spawn('chromium', [...flags, '--remote-debugging-pipe', `--user-data-dir=${folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    cleanup.teardown(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    });
    return new Browser(child, child.stdio[3] as Writable, child.stdio[4] as Readable);
  }

  /** A page of its own. */
  async open(url: string): Promise<Page> {
    const { targetId } = await this.call('Target.createTarget', { url });
    const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this, String(sessionId));
    await page.text(/\S/);
    return page;
  }

  async call(
    method: string,
    params: Readonly<Record<string, unknown>>,
    sessionId?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    if (this.process.exitCode !== null) throw new Error(`chromium ended with ${this.process.exitCode}`);
    this.#last += 1;
    const id = this.#last;
    const answered = new Promise<Message>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`chromium did not answer ${method}`)), ANSWER_WITHIN_MS);
      this.#waiting.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
    this.toBrowser.write(
      `${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`,
    );
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  #heard(text: string): void {
    const messages = (this.#unread + text).split('\0');
    this.#unread = messages.pop() ?? '';
    for (const one of messages) {
      const message = JSON.parse(one) as Message;
      if (message.id === undefined) continue;
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }
}

export class Page {
  constructor(
    private readonly browser: Browser,
    private readonly session: string,
  ) {}

  /** What stands on the page, once it matches. */
  text(expected: RegExp): Promise<string> {
    return until(
      `the page shows ${expected}`,
      async () => {
        const shown = String(await this.#evaluate('document.body?.innerText ?? ""'));
        return expected.test(shown) ? shown : null;
      },
      ANSWER_WITHIN_MS,
    );
  }

  /** Presses the one button of the page. */
  async press(): Promise<void> {
    await this.#evaluate('document.querySelector("button").click()');
  }

  async #evaluate(expression: string): Promise<unknown> {
    const { result } = await this.browser.call('Runtime.evaluate', { expression, returnByValue: true }, this.session);
    return (result as { readonly value?: unknown } | undefined)?.value;
  }
}

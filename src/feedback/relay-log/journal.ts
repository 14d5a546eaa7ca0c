import { execFile, spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import type { FollowerPosition } from '../../store/contract.js';
import { LogLines } from './log-lines.js';
import type { LogBatch, LogSource } from './log-source.js';

const run = promisify(execFile);

/** Read again after a restart: the store takes no fact twice. */
const OVERLAP_MS = 10 * 60_000;
const IDLE_MS = 1000;
const END_WITHIN_MS = 30_000;
const MOST_OCTETS = 8 * 1024 * 1024;

/** systemd's journal of some units, by `journalctl -o json -f`. */
export class Journal implements LogSource {
  readonly name: string;

  constructor(
    private readonly units: readonly string[],
    private readonly program = 'journalctl',
  ) {
    this.name = `${hostname()}:journal:${units.join(',')}`;
  }

  async *history(): AsyncIterable<readonly string[]> {}

  get #filter(): readonly string[] {
    // Without --merge `-f` looks at the latest boot only, whatever its cursor says (systemd 252): what was
    // written before the machine was started anew would be lost.
    return ['--merge', ...this.units.map((unit) => `--unit=${unit}`)];
  }

  /** Cursor of the latest entry of the units; empty: there is none yet, so that all are to come. */
  async #end(): Promise<string> {
    const options = { timeout: END_WITHIN_MS, maxBuffer: MOST_OCTETS };
    const { stdout } = await run(this.program, ['-o', 'json', '-n', '1', ...this.#filter], options);
    return cursorOf(stdout.trim());
  }

  async *batches(position: FollowerPosition | null, stop: AbortSignal): AsyncIterable<LogBatch> {
    // Where it ends now is what a restart goes on from, also when nothing was written until then.
    const after = position === null || position === '' ? await this.#end() : position;
    const from = after === '' ? [] : [`--after-cursor=${after}`];
    const args = ['-o', 'json', '-f', '-n', 'all', ...from, ...this.#filter];
    const child = spawn(this.program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const failed = new Promise<Error>((resolve) => child.once('error', resolve));
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk}`.slice(-500);
    });
    const lines: string[] = [];
    // Not by node:readline: U+2028 within an entry ends a line there.
    const cutter = new LogLines();
    let wake: () => void = () => undefined;
    let ended = false;
    const stopped = () => wake();
    child.stdout.on('data', (chunk: Buffer) => {
      cutter.push(chunk, (line) => lines.push(line));
      if (lines.length >= 1000) child.stdout.pause();
      wake();
    });
    child.stdout.on('close', () => {
      ended = true;
      wake();
    });
    const places = new OlderPlace(after);
    stop.addEventListener('abort', stopped, { once: true });
    try {
      while (!stop.aborted) {
        const batch = lines.splice(0);
        child.stdout.resume();
        const last = batch.at(-1);
        if (last !== undefined) places.now(cursorOf(last));
        yield { lines: batch, position: places.older };
        if (lines.length > 0) continue;
        if (ended)
          throw new Error(`journalctl ended: ${complaint.trim() || (await Promise.race([failed, 'no reason']))}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, IDLE_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      stop.removeEventListener('abort', stopped);
      child.stdout.destroy();
      child.kill();
    }
  }
}

/** The latest cursor that is old enough for what follows it to be understood. */
class OlderPlace {
  #marks: { cursor: string; at: number }[] = [];

  constructor(private first: string) {}

  now(cursor: string): void {
    const at = Date.now();
    if (this.first === '') this.first = cursor;
    const latest = this.#marks.at(-1);
    if (latest === undefined || at - latest.at > OVERLAP_MS / 10) this.#marks.push({ cursor, at });
    while ((this.#marks[1]?.at ?? at) < at - OVERLAP_MS) this.#marks.shift();
  }

  get older(): string {
    const [oldest] = this.#marks;
    if (oldest === undefined || oldest.at > Date.now() - OVERLAP_MS) return this.first;
    this.first = oldest.cursor;
    return oldest.cursor;
  }
}

function cursorOf(line: string): string {
  try {
    const { __CURSOR: cursor } = JSON.parse(line) as { readonly __CURSOR?: unknown };
    return typeof cursor === 'string' ? cursor : '';
  } catch {
    return '';
  }
}

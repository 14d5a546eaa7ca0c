import { write, writeSync } from 'node:fs';

/** Beyond it lines are thrown away, in UTF-16 units: when nobody reads the log, memory must not fill up with it. */
const MOST_WAITING = 16 * 1024 * 1024;
/** Whole lines up to here leave at once: what has to wait for room in a pipe may be torn apart by another process' lines. */
const MOST_AT_ONCE = 16 * 1024;
const AGAIN_MS = 100;

/**
 * Lines to a file descriptor, in their order and without ever waiting for who
 * reads them. Those of one turn of the event loop leave in one write: each is
 * handed to another thread, which costs some 15 µs, and a busy process has
 * several lines in a turn. What cannot be written is lost, and mail goes on.
 */
export class LineWriter {
  #waiting = '';
  /** Octets that were handed over and are not written yet. */
  #underWay = 0;
  #due = false;
  #emptied: (() => void)[] = [];

  constructor(private readonly fd: number) {
    process.once('exit', () => this.#writeRest());
  }

  write(line: string): void {
    if (this.#waiting.length + this.#underWay + line.length > MOST_WAITING) return;
    this.#waiting += line;
    this.#writeSoon();
  }

  /** Calls back when every line so far is written or lost. */
  flush(done: () => void): void {
    if (this.#waiting === '' && this.#underWay === 0) done();
    else this.#emptied.push(done);
  }

  #writeSoon(): void {
    if (this.#due || this.#underWay > 0) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      this.#hand(Buffer.from(this.#nextLines()));
    });
  }

  #nextLines(): string {
    const all = this.#waiting;
    const cut = all.length <= MOST_AT_ONCE ? all.length : all.lastIndexOf('\n', MOST_AT_ONCE - 1) + 1;
    // A line of its own length, where not even one fits.
    const end = cut > 0 ? cut : all.indexOf('\n') + 1;
    this.#waiting = all.slice(end);
    return all.slice(0, end);
  }

  #hand(octets: Buffer): void {
    this.#underWay = octets.length;
    write(this.fd, octets, (error, written) => {
      // A pipe that somebody made non-blocking is full.
      if (error?.code === 'EAGAIN') setTimeout(() => this.#hand(octets), AGAIN_MS);
      else if (error === null && written < octets.length) this.#hand(octets.subarray(written));
      else this.#written();
    });
  }

  #written(): void {
    this.#underWay = 0;
    if (this.#waiting !== '') {
      this.#writeSoon();
      return;
    }
    for (const done of this.#emptied.splice(0)) done();
  }

  /** Nothing happens later any more when a process ends. */
  #writeRest(): void {
    try {
      for (let rest = Buffer.from(this.#waiting); rest.length > 0; ) rest = rest.subarray(writeSync(this.fd, rest));
    } catch {
      // As in any other write.
    }
    this.#waiting = '';
  }
}

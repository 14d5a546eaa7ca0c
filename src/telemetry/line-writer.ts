import { fstatSync, write, writeSync } from 'node:fs';

/** Beyond it lines are thrown away, in UTF-16 units: when nobody reads the log, memory must not fill up with it. */
const MOST_WAITING = 16 * 1024 * 1024;
/** Whole lines up to here leave at once: what has to wait for room in a pipe may be torn apart by another process' lines. */
const MOST_AT_ONCE = 16 * 1024;
const AGAIN_MS = 100;

/**
 * Lines to a file descriptor, in their order and without ever waiting for who
 * reads them. Those of one turn of the event loop leave in one write, since a
 * busy process has several. Where somebody may have to read before there is room
 * for it, another thread writes, which wakes it and then us. What cannot be
 * written is lost, and mail goes on.
 */
export class LineWriter {
  #waiting = '';
  /** Octets that were handed over and are not written yet. */
  #underWay = 0;
  #due = false;
  #emptied: (() => void)[] = [];
  readonly #isFile: boolean;

  constructor(private readonly fd: number) {
    this.#isFile = fstatSync(fd).isFile();
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
      if (this.#isFile) this.#writeNow();
      else this.#hand(Buffer.from(this.#nextLines()));
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
    if (this.#waiting === '') this.#tellEmptied();
    else this.#writeSoon();
  }

  #writeNow(): void {
    this.#writeRest();
    this.#tellEmptied();
  }

  #tellEmptied(): void {
    for (const done of this.#emptied.splice(0)) done();
  }

  /** All of it, in this thread: a process that ends has no other any more. */
  #writeRest(): void {
    try {
      for (let rest = Buffer.from(this.#waiting); rest.length > 0; ) rest = rest.subarray(writeSync(this.fd, rest));
    } catch {
      // As in any other write.
    }
    this.#waiting = '';
  }
}

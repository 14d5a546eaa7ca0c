import { type DestinationStream, destination } from 'pino';

/** A line waits so long for others: a busy process writes many at once, and a call to the system costs more than a line. */
const GATHER_MS = 10;
/** So many do not wait. */
const GATHERED_OCTETS = 8 * 1024;

export interface GatheredOutput extends DestinationStream {
  flush(done: () => void): void;
  flushSync(): void;
}

/**
 * Standard output, written to asynchronously: a slow reader of the log must not
 * hold up mail.
 *
 * @param mostUnwritten octets; beyond them lines are thrown away, when nobody reads
 */
export function gatheredOutput(mostUnwritten: number): GatheredOutput {
  const stream = destination({ dest: 1, sync: false, minLength: GATHERED_OCTETS, maxLength: mostUnwritten });
  let due = false;
  return {
    write(line) {
      stream.write(line);
      if (due) return;
      due = true;
      setTimeout(() => {
        due = false;
        stream.flush();
      }, GATHER_MS).unref();
    },
    // Its error is that of an fsync, which no pipe has.
    flush: (done) => stream.flush(() => done()),
    flushSync: () => stream.flushSync(),
  };
}

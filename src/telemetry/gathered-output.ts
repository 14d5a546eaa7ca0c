import { type DestinationStream, destination } from 'pino';

/** A line waits so long for others: a busy process writes many at once, and a call to the system costs more than a line. */
const GATHER_MS = 10;
/** So many do not wait. */
const GATHERED_CHARACTERS = 8 * 1024;

export interface GatheredOutput extends DestinationStream {
  flush(done: () => void): void;
  flushSync(): void;
}

/**
 * Standard output, written to asynchronously: a slow reader of the log must not
 * hold up mail. Pino's own `minLength` would gather, too, but leaves what comes
 * during a write until a later line.
 *
 * @param mostUnwritten octets; beyond them lines are thrown away, when nobody reads
 */
export function gatheredOutput(mostUnwritten: number): GatheredOutput {
  const stream = destination({ dest: 1, sync: false, maxLength: mostUnwritten });
  let gathered = '';
  let timer: NodeJS.Timeout | null = null;
  const leave = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (gathered === '') return;
    stream.write(gathered);
    gathered = '';
  };
  const leaveAtOnce = () => {
    if (gathered === '') return;
    leave();
    stream.flushSync();
  };
  process.once('exit', leaveAtOnce);
  return {
    write(line) {
      gathered += line;
      if (gathered.length >= GATHERED_CHARACTERS) leave();
      else timer ??= setTimeout(leave, GATHER_MS);
    },
    flush(done) {
      leave();
      stream.flush(() => done());
    },
    flushSync() {
      leave();
      stream.flushSync();
    },
  };
}

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So much of read and relayed octets may wait for the collector. */
const COLLECT_AFTER = 8 * 1024 * 1024;

const collectYoung = youngCollector();
let streamed = 0;

/**
 * Counts the octets of messages that stream through this process. Each chunk
 * that is read is a buffer outside the JavaScript heap, done with as soon as it
 * is relayed; but the collector looks at the heap, and lets 32 MiB (Node 20) to
 * 80 MiB (Node 26) of them lie. So it is called after every 8 MiB, for the young
 * generation only, which takes about a millisecond. Measured with 50 sessions of
 * 5 MiB: growth of 16-25 MiB instead of 40-66, and on Node 26, which else reads
 * into ever new pages, 17 ms of CPU a message instead of 25. Messages within
 * `inspectWindow`, nearly all mail, never come here.
 */
export function streamedOctets(octets: number): void {
  streamed += octets;
  if (streamed < COLLECT_AFTER) return;
  streamed = 0;
  collectYoung();
}

/** V8 shows its collector to contexts that are made while the flag is on. */
function youngCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: (options: { type: 'minor' }) => void = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return () => collect({ type: 'minor' });
}

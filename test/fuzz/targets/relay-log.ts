import { logFormat } from '../../../src/feedback/relay-log/formats.js';
import { LogLines } from '../../../src/feedback/relay-log/log-lines.js';
import { type LogOutcome, RelayLog } from '../../../src/feedback/relay-log/relay-log.js';
import { chunksOf, type FuzzTarget, must } from '../target.js';

const WRITTEN = Date.parse('2026-12-01T00:00:00Z');

function read(chunks: readonly Buffer[]): LogOutcome[] {
  const log = new RelayLog(logFormat('auto'), { files: 20, waiting: 20, held: 10 });
  const lines = new LogLines();
  const out: LogOutcome[] = [];
  const take = (line: string): void => {
    out.push(...log.line(line, WRITTEN));
  };
  for (const chunk of chunks) lines.push(chunk, take);
  lines.end(take);
  return [...out, ...log.end()];
}

const POSTFIX = '2026-11-26T10:00:00Z mx postfix/';
const EXIM = '2026-11-26 09:00:00 1tFaBc-000abc-2D ';

/** What a relay logs, the words of strangers in it, cut anywhere. */
export const relayLog: FuzzTarget = {
  name: 'relay-log',
  seeds: [
    `${POSTFIX}cleanup[1]: ABCDE1: message-id=<m@x>\n${POSTFIX}smtp[1]: ABCDE1: to=<x@y>, orig_to=<z@y>, relay=h[192.0.2.1]:25, delay=1, dsn=5.1.1, status=bounced (host h[192.0.2.1] said: 550 5.1.1 no)\n${POSTFIX}qmgr[1]: ABCDE1: removed\n`,
    `${POSTFIX}smtp[1]: ABCDE1: to=<x@y>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=2.0.0, status=sent (250 queued as ABCDE2)\n${POSTFIX}pickup[1]: ABCDE2: uid=1 from=<a> orig_id=ABCDE1\n`,
    `${EXIM}<= a@b H=h [192.0.2.1] id=m@x\n${EXIM}=> x@y <z@y> R=r T=t H=h [192.0.2.1] C="250 id=1tFaBd-000abd-2D"\n${EXIM}** x@y: Unrouteable address\n${EXIM}Completed\n`,
    '{"event":"delivery","at":1,"queueId":"q","fate":"sent","recipient":"x@y"}\n',
    '<22>1 2026-11-26T10:00:00Z mx postfix/qmgr 1 - - ABCDE1: from=<a>, status=expired, returned to sender\n',
    'Nov 26 10:00:00 mx postfix/qmgr[1]: ABCDE1: from=<>, size=1, nrcpt=1 (queue active)\n',
  ],
  words: [
    '\n',
    '<',
    '>',
    '"',
    '\\',
    ', status=',
    ' (',
    ')',
    ': ',
    'queued as ABCDE1',
    '\xff',
    '\x1b[31m',
    'x'.repeat(40_000),
    '[[',
    '((',
  ],
  run(input) {
    const whole = read([input]);
    must(JSON.stringify(whole) === JSON.stringify(read(chunksOf(input))), 'other outcomes when cut');
    for (const { outcome, chain, at } of whole) {
      must(Number.isFinite(at), 'an outcome without a time');
      must(chain.length >= 1 && chain.length <= 32, 'a chain without an end');
      must((outcome.diagnostic ?? '').length <= 1000, 'a diagnostic without an end');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      must(!/[\x00-\x1f\x7f]/.test(outcome.diagnostic ?? ''), 'a diagnostic that steers a terminal');
      must(outcome.permanent === (outcome.action === 'failed'), 'failed and not for good');
    }
  },
};

import type { ConfigInput } from '../../src/config/schema.js';
import { beforeQueue } from './postfix.js';
import { ifBefore, type ListenInput, PROGRAM, serveOnRedis } from './sluice.js';

export const postfixAsksSluice = asking(
  'postfix-asks-sluice',
  'the same with Sluice as policy server, every rule enforced, on Redis: asked at RCPT and at the end',
  'end-of-message',
);

export const postfixAsksSluiceOnce = asking(
  'postfix-asks-once',
  'the same with `policyd.charge: recipient`: asked at RCPT only, as postfwd and policyd-rate-limit are',
  'recipient',
);

export const postfixAsksBefore = ifBefore((program) =>
  asking('postfix-asks-before', 'postfix-asks-once with another build', 'recipient', program),
);

function asking(name: string, what: string, charge: 'end-of-message' | 'recipient', program = PROGRAM) {
  return beforeQueue(name, what, async (around) => {
    const door = (socket: ListenInput): ConfigInput => ({ listen: [], policyd: { listen: [socket], charge } });
    const service = await serveOnRedis(around, name, door, {}, program);
    return charge === 'recipient' ? service : { ...service, atTheEnd: true };
  });
}

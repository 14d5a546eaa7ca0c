import { chmod } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { start, untilOpen } from '../process.js';
import type { Subject } from '../subject.js';
import { startMilteredPostfix, startQueueingPostfix } from './postfix.js';
import { ifBefore, type ListenInput, PROGRAM, serveOnRedis } from './sluice.js';
import { openFolder, socketIn } from './unix-socket.js';

const NO_OP = fileURLToPath(new URL('../no-op-milter.ts', import.meta.url));

export const postfixNoMilter: Subject = {
  name: 'postfix-alone',
  what: 'Postfix queue with no milter; messages/s is acceptance into the queue, here and with milters',
  start: (around) => startQueueingPostfix(around, { smtpd_recipient_limit: '1000' }),
};

/** What any milter costs: it is told everything, as filters that sign are, and agrees. */
export const postfixNoOp: Subject = {
  name: 'postfix-no-op',
  what: 'Postfix queue with a milter that hears header and body and does nothing (ours, same codec)',
  async start(around) {
    const path = socketIn(await openFolder(`${around.folder}/no-op`));
    const command = [process.execPath, '--import', 'tsx', NO_OP, path] as const;
    const { pid } = start(around.cleanup, `${around.folder}/no-op.log`, [...command]);
    await untilOpen('the no-op milter', path, false);
    await chmod(path, 0o666);
    const postfix = await startMilteredPostfix(around, path);
    return { port: postfix.port, pids: [...postfix.pids, pid] };
  },
};

export const postfixMilter = sluiceMilter(
  'postfix-sluice',
  'Postfix queue with Sluice as milter, every rule enforced, on Redis',
  {},
);

export const postfixMilterEnvelope = sluiceMilter(
  'postfix-sluice-env',
  'the same without the rules that count octets, so that Postfix sends no header and no body',
  { 'volume.bytes': { mode: 'off' }, 'storage.self-mail': { mode: 'off' } },
);

export const postfixMilterBefore = ifBefore((program) =>
  sluiceMilter('postfix-sluice-before', 'Postfix queue with another build of Sluice as milter', {}, program),
);

function sluiceMilter(name: string, what: string, rules: object, program = PROGRAM): Subject {
  return {
    name,
    what,
    async start(around) {
      const door = (socket: ListenInput) => ({ listen: [], milter: { listen: [socket] } });
      const sluice = await serveOnRedis(around, name, door, rules, program);
      const postfix = await startMilteredPostfix(around, sluice.path);
      return { port: postfix.port, pids: [...postfix.pids, ...sluice.pids] };
    },
  };
}

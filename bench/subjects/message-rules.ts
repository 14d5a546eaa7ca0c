import { writeFile } from 'node:fs/promises';
import type { ConfigInput } from '../../src/config/schema.js';
import { startDnsServer } from '../../test/support/dns-server.js';
import type { Subject } from '../subject.js';
import { onRedis, UNREACHED } from './sluice.js';

const NAME = 'sluice-message-rules';
const WHAT = 'sluice-redis with every rule on messages on as well, observed, so that every message is relayed';

/** None refuses: what it would have said is recorded. */
const OBSERVED = [
  ...(['message.source', 'message.subject', 'message.recipient-visible', 'message.unsubscribe'] as const),
  ...(['message.revocation-notice', 'message.postal-address', 'message.content', 'domain.registration'] as const),
  ...(['recipient.consent', 'provider.requirements', 'bulk.declaration', 'bulk.approval', 'flood.campaign'] as const),
];

export const sluiceMessageRules: Subject = {
  name: NAME,
  what: WHAT,
  async start(around) {
    const dns = await startDnsServer(around.cleanup, { 'bench.example': { MX: ['10 mx.bench.example'] } });
    const patterns = `${around.folder}/patterns`;
    await writeFile(patterns, 'list-sale any (?i)\\b(sell|buy)\\b.{0,40}\\bemail lists?\\b\n');
    return onRedis(NAME, WHAT, rulesOnMessages(dns.address, patterns)).start(around);
  },
};

function rulesOnMessages(dns: string, patterns: string): ConfigInput {
  return {
    dns: { servers: [dns] },
    scanners: { patterns: [patterns] },
    rules: {
      ...UNREACHED,
      ...Object.fromEntries(OBSERVED.map((id) => [id, { mode: 'observe' }])),
      'account.sender': { mode: 'observe', fields: ['From', 'Sender'], displayName: 'reject' },
      'reputation.blocklist': { mode: 'observe', addresses: ['192.0.2.1'], zones: [{ zone: 'list.example' }] },
    },
  };
}

import { Command } from 'commander';
import { parseKey } from '../../csv/columns.js';
import { everyRegisteredDomain } from '../../service/domain-watch.js';
import type { AccountId, Store } from '../../store/contract.js';
import { type OpeningOptions, withAuthor } from '../audit-options.js';
import { accountArgument, withConfig, withExamples, withJson } from '../common-options.js';
import { domainArgument } from '../domain-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { openCase } from '../open-case.js';
import { withStore } from '../open-store.js';

interface Options extends OpeningOptions {
  readonly domain?: string;
}

export function auditProbe(): Command {
  const command = new Command('probe')
    .description("send test mail to an account's complaint address, which a person must answer within 72 hours")
    .argument('<account>', 'whose it is', accountArgument)
    .option('-d, --domain <domain>', 'the one registered for this domain, where there are several', domainArgument)
    .action(run);
  return withExamples(withJson(withConfig(withAuthor(command))), ['sluice audit probe acme']);
}

async function run(account: AccountId, options: Options): Promise<void> {
  await withStore(options, async (open) => {
    const { notices, feedback } = open.config;
    if (notices === undefined || feedback?.reversePath === undefined) {
      throw new Failure(
        EXIT.config,
        'a probe needs `notices`, to send, and `feedback.reversePath`, to know the answer',
      );
    }
    const key = await complaintAddress(open.store, account, options.domain);
    await openCase(open, { account, kind: 'probe', keys: [key], sample: null }, options);
  });
}

async function complaintAddress(store: Store, account: AccountId, domain: string | undefined): Promise<string> {
  const found = new Set<string>();
  for await (const page of everyRegisteredDomain(store, account)) {
    for (const registered of page) {
      const { complaintAddress: address } = registered;
      if (address !== null && (domain === undefined || registered.domain === domain)) found.add(address);
    }
  }
  const [only] = found;
  if (only === undefined) throw new Failure(EXIT.negative, `${account} has registered no complaint address`);
  if (found.size > 1) throw new Failure(EXIT.usage, `${account} has several: say --domain (${[...found].join(', ')})`);
  const key = parseKey(only);
  if (key === null || key.startsWith('@')) throw new Failure(EXIT.negative, `no address: ${only}`);
  return key;
}

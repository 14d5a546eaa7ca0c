import { Command } from 'commander';
import { everyRegisteredDomain } from '../../service/domain-watch.js';
import type { AccountId, DomainCheck, RegisteredDomain } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { instant, json, line, plain } from '../terminal/output.js';
import { table } from '../terminal/table.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
}

export function domainList(): Command {
  const command = new Command('list')
    .description('registered domains, by account')
    .option('-a, --account <id>', "this account's only", accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice domain list --account acme']);
}

async function run(options: Options): Promise<void> {
  const domains = await withStore(options, async ({ store }) => {
    const found: RegisteredDomain[] = [];
    for await (const page of everyRegisteredDomain(store, options.account)) found.push(...page);
    return found;
  });
  if (options.json) return json({ domains });
  if (domains.length === 0) return line('no registered domains');
  table(
    [{ head: 'account' }, { head: 'domain' }, { head: 'verified' }, { head: 'found' }, { head: 'privacy policy' }],
    domains.map(({ account, domain, check, privacyPolicy }) => [
      ...[account, domain, check === null ? 'never' : instant(check.at), inShort(check)],
      plain(privacyPolicy ?? '(none)'),
    ]),
  );
}

function inShort(check: DomainCheck | null): string {
  if (check === null) return '';
  const outcomes = [check.privacyPolicy.outcome, check.complaintAddress.outcome];
  return outcomes.includes('failed') ? 'failed' : outcomes.includes('unreachable') ? 'unreachable' : 'ok';
}

import { Command } from 'commander';
import { withConfig, withExamples, withJson } from '../common-options.js';
import { type DomainOptions, domainArgument, withAccount } from '../domain-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

export function domainRemove(): Command {
  const command = new Command('remove')
    .description('forget a registered domain')
    .argument('<domain>', 'the domain', domainArgument)
    .action(run);
  return withExamples(withJson(withConfig(withAccount(command))), ['sluice domain remove acme.example --account acme']);
}

async function run(domain: string, options: DomainOptions): Promise<void> {
  const removed = await withStore(options, ({ store }) => store.removeDomain(options.account, domain));
  if (!removed) throw new Failure(EXIT.negative, `${options.account} has not registered ${domain}`);
  if (options.json) json({ removed: domain });
  else line(`removed ${domain} of ${options.account}`);
}

import { Command } from 'commander';
import { withConfig, withExamples, withJson } from '../common-options.js';
import { type DomainOptions, domainArgument, showDomain, withAccount } from '../domain-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json } from '../terminal/output.js';

export function domainShow(): Command {
  const command = new Command('show')
    .description('what is registered for a domain, and what the latest check found')
    .argument('<domain>', 'the domain', domainArgument)
    .action(run);
  return withExamples(withJson(withConfig(withAccount(command))), ['sluice domain show acme.example --account acme']);
}

async function run(domain: string, options: DomainOptions): Promise<void> {
  const registered = await withStore(options, ({ store }) => store.registeredDomain(options.account, [domain]));
  if (registered === null) throw new Failure(EXIT.negative, `${options.account} has not registered ${domain}`);
  if (options.json) json({ domain: registered });
  else showDomain(registered);
}

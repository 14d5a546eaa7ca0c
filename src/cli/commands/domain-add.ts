import { Command, InvalidArgumentError } from 'commander';
import { addressArgument, currentUser, withConfig, withExamples, withJson } from '../common-options.js';
import { type DomainOptions, domainArgument, showDomain, withAccount } from '../domain-options.js';
import { withStore } from '../open-store.js';
import { json } from '../terminal/output.js';

interface Options extends DomainOptions {
  readonly privacyPolicy?: string;
  readonly complaints?: string;
  readonly postalAddress?: string;
  readonly by: string;
}

export function domainAdd(): Command {
  const command = new Command('add')
    .description('register a domain, or replace what is registered')
    .argument('<domain>', 'the domain in From', domainArgument)
    .option('--privacy-policy <url>', 'the page with its privacy policy', pageArgument)
    .option('--complaints <address>', 'the address for complaints', addressArgument)
    .option('--postal-address <text>', 'the postal address that its mail has')
    .option('--by <name>', 'who registered it', currentUser())
    .action(run);
  return withExamples(withJson(withConfig(withAccount(command))), [
    'sluice domain add acme.example --account acme --privacy-policy https://acme.example/privacy --complaints abuse@acme.example --postal-address "Acme, 1 Main Street"',
  ]);
}

function pageArgument(text: string): string {
  if (!/^https?:\/\/./.test(text) || !URL.canParse(text) || text.length > 1000) {
    throw new InvalidArgumentError('An http or https URL.');
  }
  return text;
}

async function run(domain: string, options: Options): Promise<void> {
  const { account, by, privacyPolicy = null, complaints = null, postalAddress = null } = options;
  const registration = { account, domain, by, privacyPolicy, complaintAddress: complaints, postalAddress };
  const registered = await withStore(options, ({ store }) => store.registerDomain(registration));
  if (options.json) json({ domain: registered });
  else showDomain(registered);
}

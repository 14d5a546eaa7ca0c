import { Command } from 'commander';
import { verifyDomain } from '../../lookup/verify-domain.js';
import { lookupsOf } from '../../service/lookups.js';
import { withConfig, withExamples, withJson } from '../common-options.js';
import { type DomainOptions, domainArgument, showDomain, withAccount } from '../domain-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json } from '../terminal/output.js';

export function domainVerify(): Command {
  const command = new Command('verify')
    .description('fetch the privacy policy, ask the DNS about the complaint address, and keep what was found')
    .argument('<domain>', 'the domain', domainArgument)
    .action(run);
  return withExamples(withJson(withConfig(withAccount(command))), ['sluice domain verify acme.example --account acme']);
}

async function run(domain: string, options: DomainOptions): Promise<void> {
  const { account } = options;
  const checked = await withStore(options, async ({ store, config }) => {
    const registered = await store.registeredDomain(account, [domain]);
    if (registered === null) return null;
    return store.recordDomainCheck(account, domain, await verifyDomain(registered, lookupsOf(config)));
  });
  if (checked === null) throw new Failure(EXIT.negative, `${account} has not registered ${domain}`);
  if (options.json) json({ domain: checked });
  else showDomain(checked);
  const { check } = checked;
  const isBroken = check?.privacyPolicy.outcome === 'failed' || check?.complaintAddress.outcome === 'failed';
  if (isBroken) process.exitCode = EXIT.negative;
}

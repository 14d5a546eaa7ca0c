/** Arguments of the commands on registered domains, and how one is shown. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { normaliseDomain } from '../smtp/address.js';
import type { AccountId, DomainFinding, RegisteredDomain } from '../store/contract.js';
import { accountArgument, type ConfigOption, type JsonOption } from './common-options.js';
import { colours, instant, line, plain } from './terminal/output.js';

export interface DomainOptions extends ConfigOption, JsonOption {
  readonly account: AccountId;
}

export function withAccount(command: Command): Command {
  return command.addOption(
    new Option('-a, --account <id>', 'whose domain it is').argParser(accountArgument).makeOptionMandatory(),
  );
}

export function domainArgument(text: string): string {
  const domain = normaliseDomain(text);
  if (domain === null || domain.startsWith('[')) throw new InvalidArgumentError('Not a domain.');
  return domain;
}

export function showDomain({ account, domain, ...registered }: RegisteredDomain): void {
  line(
    `${colours.bold(domain)}  of ${account}, registered ${instant(registered.registeredAt)} by ${plain(registered.by)}`,
  );
  line(`privacy policy:    ${plain(registered.privacyPolicy ?? '(none)')}`);
  line(`complaint address: ${plain(registered.complaintAddress ?? '(none)')}`);
  line(`postal address:    ${plain(registered.postalAddress ?? '(none)')}`);
  const { check } = registered;
  if (check === null) return line('never verified');
  const row = check.troubles === 0 ? '' : `, ${check.troubles} in a row with troubles`;
  line(`verified ${instant(check.at)}${row}:`);
  line(`  privacy policy     ${findingInWords(check.privacyPolicy)}`);
  line(`  complaint address  ${findingInWords(check.complaintAddress)}`);
}

export function findingInWords({ outcome, detail }: DomainFinding): string {
  const colour = outcome === 'ok' ? colours.green : outcome === 'failed' ? colours.red : colours.yellow;
  return `${colour(outcome)}: ${plain(detail)}`;
}

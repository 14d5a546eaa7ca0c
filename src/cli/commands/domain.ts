import { Command } from 'commander';
import { domainAdd } from './domain-add.js';
import { domainList } from './domain-list.js';
import { domainRemove } from './domain-remove.js';
import { domainShow } from './domain-show.js';
import { domainVerify } from './domain-verify.js';

export function domain(): Command {
  return new Command('domain')
    .description('domains that accounts registered for bulk mail')
    .addCommand(domainAdd())
    .addCommand(domainShow())
    .addCommand(domainList())
    .addCommand(domainVerify())
    .addCommand(domainRemove());
}

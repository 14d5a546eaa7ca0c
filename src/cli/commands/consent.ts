import { Command } from 'commander';
import { consentAdd } from './consent-add.js';
import { consentExport } from './consent-export.js';
import { consentImport } from './consent-import.js';
import { consentInvite } from './consent-invite.js';
import { consentShow } from './consent-show.js';
import { consentWithdraw } from './consent-withdraw.js';

export function consent(): Command {
  return new Command('consent')
    .description('who consented to mail of an account, and what proves it (rule recipient.consent)')
    .addCommand(consentAdd())
    .addCommand(consentInvite())
    .addCommand(consentShow())
    .addCommand(consentWithdraw())
    .addCommand(consentImport())
    .addCommand(consentExport());
}

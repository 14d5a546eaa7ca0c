import { Command } from 'commander';
import { accountList } from './account-list.js';
import { accountPasswd } from './account-passwd.js';
import { accountReinstate } from './account-reinstate.js';
import { accountShow } from './account-show.js';
import { accountSuspend } from './account-suspend.js';
import { accountTerminate } from './account-terminate.js';
import { accountWarn } from './account-warn.js';

export function account(): Command {
  return new Command('account')
    .description('accounts: their standing, and passwords')
    .addCommand(accountShow())
    .addCommand(accountList())
    .addCommand(accountWarn())
    .addCommand(accountSuspend())
    .addCommand(accountTerminate())
    .addCommand(accountReinstate())
    .addCommand(accountPasswd());
}

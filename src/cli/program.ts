/** All commands as one program. */

import { Command } from 'commander';
import { VERSION } from '../telemetry/version.js';
import { account } from './commands/account.js';
import { campaigns } from './commands/campaigns.js';
import { checkConfig } from './commands/check-config.js';
import { completion } from './commands/completion.js';
import { consent } from './commands/consent.js';
import { decisions } from './commands/decisions.js';
import { domain } from './commands/domain.js';
import { explain } from './commands/explain.js';
import { feedback } from './commands/feedback.js';
import { inspect } from './commands/inspect.js';
import { outcome } from './commands/outcome.js';
import { rejections } from './commands/rejections.js';
import { report } from './commands/report.js';
import { revoke } from './commands/revoke.js';
import { rules } from './commands/rules.js';
import { serve } from './commands/serve.js';
import { simulate } from './commands/simulate.js';
import { suppress } from './commands/suppress.js';
import { trial } from './commands/trial.js';
import { usage } from './commands/usage.js';
import { version } from './commands/version.js';
import { EXIT_MEANINGS } from './exit-codes.js';

export function createProgram(): Command {
  const program = new Command('sluice')
    .description('an inline SMTP policy proxy: stops outbound mail that breaks an acceptable use policy')
    .version(VERSION, '-V, --version', 'version of Sluice')
    .addHelpText('after', `\nExit codes:\n${exitCodes()}`);
  const commands = [
    serve,
    trial,
    checkConfig,
    account,
    usage,
    suppress,
    consent,
    revoke,
    rejections,
    feedback,
    outcome,
    campaigns,
    domain,
    decisions,
    explain,
    simulate,
    report,
    rules,
    inspect,
  ];
  for (const make of commands) program.addCommand(make());
  program.addCommand(completion(program)).addCommand(version());
  settle(program);
  return program;
}

function exitCodes(): string {
  return EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}`).join('\n');
}

/** Errors are thrown to `main`, and said in one line; commands that were added ready-made inherit nothing. */
function settle(command: Command): void {
  command.exitOverride().configureOutput({
    outputError: (text, write) =>
      write(
        `sluice: ${text
          .trim()
          .replace(/^error: /, '')
          .replace(/\s*\n\s*/g, ' ')}\n`,
      ),
  });
  for (const child of command.commands) settle(child);
}

/** All commands as one program. */

import { Command } from 'commander';
import { VERSION } from '../telemetry/version.js';
import { EXIT_MEANINGS } from './exit-codes.js';

/** By name, in the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => Command>>> = {
  serve: async () => (await import('./commands/serve.js')).serve,
  trial: async () => (await import('./commands/trial.js')).trial,
  'check-config': async () => (await import('./commands/check-config.js')).checkConfig,
  account: async () => (await import('./commands/account.js')).account,
  usage: async () => (await import('./commands/usage.js')).usage,
  suppress: async () => (await import('./commands/suppress.js')).suppress,
  consent: async () => (await import('./commands/consent.js')).consent,
  revoke: async () => (await import('./commands/revoke.js')).revoke,
  rejections: async () => (await import('./commands/rejections.js')).rejections,
  feedback: async () => (await import('./commands/feedback.js')).feedback,
  outcome: async () => (await import('./commands/outcome.js')).outcome,
  audit: async () => (await import('./commands/audit.js')).audit,
  notice: async () => (await import('./commands/notice.js')).notice,
  campaigns: async () => (await import('./commands/campaigns.js')).campaigns,
  domain: async () => (await import('./commands/domain.js')).domain,
  decisions: async () => (await import('./commands/decisions.js')).decisions,
  explain: async () => (await import('./commands/explain.js')).explain,
  simulate: async () => (await import('./commands/simulate.js')).simulate,
  report: async () => (await import('./commands/report.js')).report,
  rules: async () => (await import('./commands/rules.js')).rules,
  inspect: async () => (await import('./commands/inspect.js')).inspect,
  completion: async () => (await import('./commands/completion.js')).completion,
  version: async () => (await import('./commands/version.js')).version,
};

/**
 * @param named The only command that is wanted: the others are not loaded, which
 *   takes longer than a short command itself. Absent, or no command: all of them.
 */
export async function createProgram(named?: string): Promise<Command> {
  const program = new Command('sluice')
    .description('an inline SMTP policy proxy: stops outbound mail that breaks an acceptable use policy')
    .version(VERSION, '-V, --version', 'version of Sluice')
    .addHelpText('after', `\nExit codes:\n${exitCodes()}`);
  const one = named !== undefined && named !== 'completion' && Object.hasOwn(COMMANDS, named);
  for (const [name, load] of Object.entries(COMMANDS)) {
    if (one && name !== named) continue;
    const make = await load();
    program.addCommand(make(program));
  }
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

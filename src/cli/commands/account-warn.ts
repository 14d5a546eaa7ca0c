import type { Command } from 'commander';
import { standingCommand } from '../change-standing.js';

export function accountWarn(): Command {
  return standingCommand({
    verb: 'warn',
    standing: 'warned',
    description: 'an account is marked as warned; its mail passes as before',
    examples: ['sluice account warn acme --reason "no unsubscribe link, ticket 4711" --until 30d'],
  });
}

import type { Command } from 'commander';
import { standingCommand } from '../change-standing.js';

export function accountSuspend(): Command {
  return standingCommand({
    verb: 'suspend',
    standing: 'suspended',
    description: 'an account may send nothing until it is reinstated',
    examples: [
      'sluice account suspend acme --reason "spam run, ticket 4711"',
      'sluice account suspend acme --reason "too many complaints" --until 48h',
    ],
  });
}

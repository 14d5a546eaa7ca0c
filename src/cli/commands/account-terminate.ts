import type { Command } from 'commander';
import { standingCommand } from '../change-standing.js';

export function accountTerminate(): Command {
  return standingCommand({
    verb: 'terminate',
    standing: 'terminated',
    description: 'an account has ended and may send nothing',
    examples: ['sluice account terminate acme --reason "contract ended, ticket 4711"'],
  });
}

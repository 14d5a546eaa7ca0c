import { Command } from 'commander';
import { outcomeAdd } from './outcome-add.js';
import { outcomeList } from './outcome-list.js';

export function outcome(): Command {
  return new Command('outcome')
    .description('what became of mail: what was reported and counted')
    .addCommand(outcomeList())
    .addCommand(outcomeAdd());
}

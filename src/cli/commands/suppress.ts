import { Command } from 'commander';
import { suppressAdd } from './suppress-add.js';
import { suppressCheck } from './suppress-check.js';
import { suppressExport } from './suppress-export.js';
import { suppressImport } from './suppress-import.js';
import { suppressList } from './suppress-list.js';
import { suppressRemove } from './suppress-remove.js';

export function suppress(): Command {
  return new Command('suppress')
    .description('addresses and domains that get no mail, for one account or for all')
    .addCommand(suppressAdd())
    .addCommand(suppressRemove())
    .addCommand(suppressCheck())
    .addCommand(suppressList())
    .addCommand(suppressImport())
    .addCommand(suppressExport());
}

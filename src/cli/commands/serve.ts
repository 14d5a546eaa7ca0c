import { Command } from 'commander';
export function serve(): Command {
  return new Command('serve');
}

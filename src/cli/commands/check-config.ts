import { Command } from 'commander';
export function checkConfig(): Command {
  return new Command('check-config');
}

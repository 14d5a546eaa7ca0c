import { Command } from 'commander';
export function trial(): Command {
  return new Command('trial');
}

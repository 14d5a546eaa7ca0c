import { Argument, Command } from 'commander';
import { withExamples } from '../common-options.js';
import { bashCompletion } from '../completion/bash.js';
import { commandTree } from '../completion/command-tree.js';
import { fishCompletion } from '../completion/fish.js';
import { zshCompletion } from '../completion/zsh.js';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** Needs the whole program, since its scripts are made from the commands themselves. */
export function completion(program: Command): Command {
  const command = new Command('completion')
    .description('a completion script for a shell, on standard output')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SCRIPTS)))
    .action((shell: keyof typeof SCRIPTS) => {
      process.stdout.write(SCRIPTS[shell](commandTree(program)));
    });
  return withExamples(command, [
    'source <(sluice completion bash)',
    'sluice completion zsh > /usr/local/share/zsh/site-functions/_sluice',
    'sluice completion fish > ~/.config/fish/completions/sluice.fish',
  ]);
}

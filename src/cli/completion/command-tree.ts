/** The program's commands and options as plain values, for the completion scripts. */

import type { Command } from 'commander';

export interface CommandNode {
  /** Words after `sluice`: `suppress add`; empty for the program itself. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionNode[];
  readonly children: readonly CommandNode[];
  /** Words that its first argument may be; empty: anything. */
  readonly choices: readonly string[];
}

export interface OptionNode {
  readonly long: string;
  readonly short: string | null;
  readonly summary: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

export function commandTree(program: Command): CommandNode {
  return node(program, '');
}

/** A node and all below it. */
export function everyNode(root: CommandNode): readonly CommandNode[] {
  return [root, ...root.children.flatMap(everyNode)];
}

function node(command: Command, path: string): CommandNode {
  const below = (child: Command): string => (path === '' ? child.name() : `${path} ${child.name()}`);
  return {
    path,
    name: command.name(),
    summary: command.description(),
    options: command.options.flatMap(({ long, short, description, required, optional, argChoices }) =>
      long === undefined || long === null
        ? []
        : [
            {
              long,
              short: short ?? null,
              summary: description,
              takesValue: required || optional,
              choices: argChoices ?? [],
            },
          ],
    ),
    children: command.commands.map((child) => node(child, below(child))),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
}

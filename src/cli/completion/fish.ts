/** Completion for fish. */

import { type CommandNode, everyNode, type OptionNode } from './command-tree.js';

export function fishCompletion(root: CommandNode): string {
  return `# fish completion for sluice
complete -c sluice -e
${everyNode(root).flatMap(linesOf).join('\n')}
`;
}

function linesOf(node: CommandNode): readonly string[] {
  const condition = conditionOf(node);
  const children = node.children.map(
    ({ name, summary }) => `complete -c sluice -f -n ${quote(condition)} -a ${name} -d ${quote(summary)}`,
  );
  const choices = node.choices.map((word) => `complete -c sluice -f -n ${quote(condition)} -a ${word}`);
  return [...children, ...choices, ...node.options.map((option) => optionLine(option, condition))];
}

/** When the command line so far is this command, and none of those below it. */
function conditionOf({ path, children }: CommandNode): string {
  const seen = path === '' ? [] : path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const notBelow =
    children.length === 0 ? [] : [`not __fish_seen_subcommand_from ${children.map(({ name }) => name).join(' ')}`];
  return [...seen, ...notBelow].join('; and ');
}

function optionLine({ long, short, summary, takesValue, choices }: OptionNode, condition: string): string {
  const names = `-l ${long.slice(2)}${short === null ? '' : ` -s ${short.slice(1)}`}`;
  const value = takesValue ? (choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : ' -r') : '';
  return `complete -c sluice -n ${quote(condition)} ${names}${value} -d ${quote(summary)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

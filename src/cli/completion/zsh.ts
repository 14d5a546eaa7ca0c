/** Completion for zsh. */

import type { CommandNode, OptionNode } from './command-tree.js';

export function zshCompletion(root: CommandNode): string {
  return `#compdef sluice
# zsh completion for sluice
${functionsOf(root)}
if [ "$funcstack[1]" = "_sluice" ]; then
  _sluice "$@"
else
  compdef _sluice sluice
fi
`;
}

function functionsOf(node: CommandNode): string {
  return [...node.children.map(functionsOf), functionOf(node)].join('\n');
}

function functionOf(node: CommandNode): string {
  const options = node.options.map((option) => `    ${optionSpec(option)} \\`).join('\n');
  const head = `${functionName(node)}() {\n  local context state state_descr line\n  typeset -A opt_args\n  _arguments -C \\\n${options}${options === '' ? '' : '\n'}`;
  if (node.children.length === 0) {
    const argument = node.choices.length > 0 ? `'1:word:(${node.choices.join(' ')})'` : `'*:argument:_files'`;
    return `${head}    ${argument}\n}`;
  }
  const commands = node.children.map(({ name, summary }) => `      ${quote(`${name}:${summary}`)}`).join('\n');
  const cases = node.children.map((child) => `        ${child.name}) ${functionName(child)} ;;`).join('\n');
  return `${head}    '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${commands}
      )
      _describe command commands ;;
    argument)
      case $line[1] in
${cases}
      esac ;;
  esac
}`;
}

function functionName({ path }: CommandNode): string {
  return path === '' ? '_sluice' : `_sluice_${path.replace(/[^a-z]/g, '_')}`;
}

function optionSpec({ long, short, summary, takesValue, choices }: OptionNode): string {
  const explained = `[${summary.replace(/[[\]:]/g, ' ')}]`;
  const value = takesValue ? `:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}` : '';
  if (short === null) return quote(`${long}${explained}${value}`);
  return `'(${short} ${long})'{${short},${long}}${quote(`${explained}${value}`)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Completion for bash 4 and later. */

import { type CommandNode, everyNode } from './command-tree.js';

export function bashCompletion(root: CommandNode): string {
  const nodes = everyNode(root);
  const withValue = nodes.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue));
  const valued = [...new Set(withValue.flatMap(({ long, short }) => (short === null ? [long] : [long, short])))];
  return `# bash completion for sluice
_sluice() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      -*) ;;
      *) case " ${nodes.map(({ path }) => path.replaceAll(' ', '/')).join(' ')} " in
           *" \${path:+$path/}\${COMP_WORDS[i]} "*) path="\${path:+$path/}\${COMP_WORDS[i]}" ;;
         esac ;;
    esac
  done
  case "$before" in
${choiceCases(nodes)}    ${valued.join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case "$path" in
${nodes.map(nodeCase).join('\n')}
  esac
}
complete -o filenames -F _sluice sluice
`;
}

function choiceCases(nodes: readonly CommandNode[]): string {
  const seen = new Map<string, string>();
  for (const { options } of nodes) {
    for (const { long, short, choices } of options) {
      if (choices.length > 0) seen.set(short === null ? long : `${long}|${short}`, choices.join(' '));
    }
  }
  return [...seen]
    .map(([names, words]) => `    ${names}) COMPREPLY=($(compgen -W "${words}" -- "$word")); return ;;\n`)
    .join('');
}

function nodeCase({ path, options, children, choices }: CommandNode): string {
  const words = [...children.map(({ name }) => name), ...choices, ...options.map(({ long }) => long), '--help'];
  const files = children.length === 0 && choices.length === 0 ? ' $(compgen -f -- "$word")' : '';
  return `    "${path.replaceAll(' ', '/')}") COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$word")${files}) ;;`;
}

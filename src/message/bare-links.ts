/** URLs that stand in a text and that mail programs make clickable. */

export interface BareLink {
  readonly url: string;
  readonly at: number;
}

/** Runs to the first space, quote or bracket; where the URL ends in it is looked at afterwards. */
const URL_START =
  /\b(?:https?:\/\/|mailto:|www\.(?=[a-z0-9-]))[^\s<>"\u3000-\u303f\uff00-\uff60\u201c\u201d\u2018\u2019]{1,8192}/gi;
const BRACKETS = ['()', '[]', '{}'] as const;
const MAX_TRAILING = 50;

export function findBareLinks(text: string, max: number): readonly BareLink[] {
  const found: BareLink[] = [];
  for (const match of text.matchAll(URL_START)) {
    if (found.length >= max) break;
    found.push({ url: withoutTrailing(match[0]), at: match.index });
  }
  return found;
}

/** Punctuation after a URL is the sentence's, and a bracket that was not opened in it is not its own. */
function withoutTrailing(run: string): string {
  let end = run.length;
  const surplus = new Map<string, number>();
  for (let steps = 0; steps < MAX_TRAILING && end > 0; steps++) {
    const last = run[end - 1] ?? '';
    const brackets = BRACKETS.find((pair) => pair[1] === last);
    if (brackets === undefined) {
      if (!/[.,;:!?'*_|>]/.test(last)) break;
    } else {
      // Counted once, however many there are.
      const left = surplus.get(last) ?? run.split(last).length - run.split(brackets.charAt(0)).length;
      if (left <= 0) break;
      surplus.set(last, left - 1);
    }
    end -= 1;
  }
  return run.slice(0, end);
}

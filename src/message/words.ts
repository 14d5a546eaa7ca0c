/** Words by which the finders know what a text says, a file for each language in `words/`. */

export interface LanguageWords {
  /** `en`, `pt` …: for findings to name. */
  readonly language: string;
}

export interface Words {
  readonly languages: readonly LanguageWords[];
}

export type WordsResult =
  | { readonly ok: true; readonly words: LanguageWords }
  | { readonly ok: false; readonly reason: string };

/** Reads the text of a file of words. */
export function parseWords(_text: string): WordsResult {
  return { ok: false, reason: 'not built' };
}

/** Those that Sluice brings, and more; a language that is there already gets what is new. */
export function wordsWith(more: readonly LanguageWords[]): Words {
  return { languages: more };
}

/** What Sluice brings. */
export function builtInWords(): Words {
  return wordsWith([]);
}

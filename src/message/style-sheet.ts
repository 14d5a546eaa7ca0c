/**
 * Rules of a message's style sheets, as far as they can hide text: those for one
 * tag, class or identifier. What a media query says differs by screen, so a
 * selector that one speaks of is left alone.
 */

import { type Declarations, readDeclarations } from './hiding.js';

const MAX_RULES = 2_000;
const SIMPLE = /^(?:[a-z][a-z0-9]*|[a-z0-9]*[.#][a-z0-9_-]+)$/i;
const HIDES = /none|hidden|collapse|opacity|font-size|font:|height|indent|left|colo|background/i;

export class StyleSheet {
  readonly #rules = new Map<string, Declarations>();
  readonly #varying = new Set<string>();

  get empty(): boolean {
    return this.#rules.size === 0;
  }

  add(css: string): void {
    const text = withoutComments(css);
    let at = 0;
    while (at < text.length && this.#rules.size < MAX_RULES) {
      const open = text.indexOf('{', at);
      if (open < 0) return;
      const close = text.indexOf('}', open);
      if (close < 0) return;
      const before = text.slice(at, open);
      const prelude = before.slice(before.lastIndexOf(';') + 1).trim();
      if (prelude.startsWith('@')) at = this.#skipAt(text, open, prelude);
      else {
        this.#addRule(prelude, text.slice(open + 1, close));
        at = close + 1;
      }
    }
  }

  /** The declarations that apply to an element, weakest first. */
  matching(tag: string, classes: string | undefined, id: string | undefined): readonly Declarations[] {
    const found: Declarations[] = [];
    const look = (selector: string): void => {
      const rule = this.#varying.has(selector) ? undefined : this.#rules.get(selector);
      if (rule !== undefined) found.push(rule);
    };
    look(tag);
    for (const name of classes?.split(/\s+/, 50) ?? []) {
      if (name === '') continue;
      look(`.${name}`);
      look(`${tag}.${name}`);
    }
    if (id !== undefined) look(`#${id}`);
    return found;
  }

  #addRule(prelude: string, body: string): void {
    if (prelude.length > 4_096 || !HIDES.test(body)) return;
    const declarations = readDeclarations(body);
    if (declarations.size === 0) return;
    for (const selector of prelude.split(',')) {
      const name = selector.trim();
      if (!SIMPLE.test(name)) continue;
      const before = this.#rules.get(name);
      this.#rules.set(name, before === undefined ? declarations : new Map([...before, ...declarations]));
    }
  }

  /** Past a block of `@media` and the like; the selectors in it vary. */
  #skipAt(text: string, open: number, prelude: string): number {
    const [, to] = blockOf(text, open);
    if (prelude.startsWith('@media')) {
      for (const [name] of text.slice(open + 1, to).matchAll(/[a-z0-9]*[.#][a-z0-9_-]+/gi)) {
        if (this.#varying.size >= MAX_RULES) break;
        this.#varying.add(name);
      }
    }
    return to + 1;
  }
}

function blockOf(text: string, open: number): readonly [number, number] {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const char = text[at];
    if (char === '{') depth += 1;
    else if (char === '}' && --depth === 0) return [open, at];
  }
  return [open, text.length];
}

function withoutComments(css: string): string {
  if (!css.includes('/*')) return css.replace(/<!--|-->/g, ' ');
  const out: string[] = [];
  let at = 0;
  for (;;) {
    const open = css.indexOf('/*', at);
    if (open < 0) break;
    out.push(css.slice(at, open));
    const close = css.indexOf('*/', open + 2);
    if (close < 0) return out.join(' ');
    at = close + 2;
  }
  out.push(css.slice(at));
  return out.join(' ').replace(/<!--|-->/g, ' ');
}

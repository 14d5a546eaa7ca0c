/** A YAML file as plain values, with the place of each in the file. */

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { type ConfigError, formatPath, type KeyPath } from './config-error.js';
import { quoted } from './quoted.js';
import { type Surroundings, substitute } from './substitution.js';
import { yamlProblem } from './yaml-problems.js';

export interface Place {
  readonly line: number;
  readonly column: number;
}

interface Entry {
  readonly place: Place;
  /** Place of the key; of list items, that of the value. */
  readonly keyPlace: Place;
  /** The text as it stands in the file, where something was substituted in it. */
  readonly template: string | null;
  /** A key without a value: taken for absent. */
  readonly empty: boolean;
}

/** A mapping that errors in its text did not keep from being read. */
export class YamlSource {
  readonly errors: ConfigError[] = [];
  readonly value: unknown;
  readonly #entries = new Map<string, Entry>();
  readonly #lines = new LineCounter();
  readonly #mostNodes: number;
  #nodes = 0;

  constructor(
    readonly file: string,
    text: string,
    private readonly surroundings: Surroundings,
  ) {
    this.#mostNodes = Math.min(MAX_NODES, NODES_ANYWAY + NODES_PER_CHARACTER * text.length);
    this.value = this.#read(text);
  }

  has(path: KeyPath): boolean {
    return this.#entries.get(keyOf(path))?.empty === false;
  }

  /** Place of the value; of the nearest thing around it where there is none. */
  placeOf(path: KeyPath): Place {
    return this.#nearest(path)?.place ?? { line: 1, column: 1 };
  }

  placeOfKey(path: KeyPath): Place {
    const entry = this.#entries.get(keyOf(path));
    return entry?.keyPlace ?? this.placeOf(path);
  }

  /** `${env:NAME}` as it stands in the file; null where nothing was substituted. */
  templateOf(path: KeyPath): string | null {
    return this.#entries.get(keyOf(path))?.template ?? null;
  }

  /** A value that stands at the path, as it may be shown: `shown`, unless it was substituted. */
  shownAt(path: KeyPath, shown: string): string {
    const template = this.templateOf(path);
    return template === null ? shown : `the value of ${quoted(template)}`;
  }

  /** Keys that have no value. */
  *empties(): Iterable<KeyPath> {
    for (const [key, entry] of this.#entries) if (entry.empty) yield JSON.parse(key) as KeyPath;
  }

  error(path: KeyPath, found: string, expected: string, suggestion: string | null = null): ConfigError {
    return this.#errorAt(this.placeOf(path), path, found, expected, suggestion);
  }

  errorAtKey(path: KeyPath, found: string, expected: string, suggestion: string | null = null): ConfigError {
    return this.#errorAt(this.placeOfKey(path), path, found, expected, suggestion);
  }

  #errorAt(place: Place, path: KeyPath, found: string, expected: string, suggestion: string | null): ConfigError {
    return { file: this.file, ...place, path: formatPath(path), found, expected, suggestion };
  }

  #nearest(path: KeyPath): Entry | undefined {
    for (let length = path.length; length >= 0; length -= 1) {
      const entry = this.#entries.get(keyOf(path.slice(0, length)));
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  // -------------------------------------------------------------- reading

  #read(text: string): unknown {
    let document: ReturnType<typeof parseDocument>;
    try {
      document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false });
    } catch {
      // The parser goes as deep as the file does, and the stack ends somewhere.
      this.errors.push(this.error([], 'a file that cannot be parsed', 'YAML that is not nested so deeply'));
      return undefined;
    }
    for (const { code, pos } of [...document.errors, ...document.warnings]) {
      const { found, expected } = yamlProblem(code);
      this.errors.push(this.#errorAt(this.#placeAt(pos[0]), [], found, expected, null));
    }
    if (this.errors.length > 0) return undefined;
    const anchored = anchoredBy(document);
    const resolve = (node: Node) => (isAlias(node) ? anchored.get(node) : node);
    return this.#convert(document.contents, [], this.#placeAt(0), resolve);
  }

  #placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #convert(given: unknown, path: KeyPath, keyPlace: Place, resolve: (node: Node) => Node | undefined): unknown {
    const shown = given as Node | null;
    const place = shown?.range ? this.#placeAt(shown.range[0]) : keyPlace;
    const node = shown === null ? null : (resolve(shown) ?? null);
    if (shown !== null && node === null) {
      this.errors.push(this.#errorAt(place, path, 'an alias of an anchor that is not there', '`&name` above it', null));
    }
    const note = (template: string | null, empty: boolean) =>
      this.#entries.set(keyOf(path), { place, keyPlace, template, empty });
    this.#nodes += 1;
    if (path.length > MAX_DEPTH || this.#nodes > this.#mostNodes) {
      // An alias that holds itself has no end, and a few lines of aliases of aliases have millions of values.
      if (this.errors.length === 0) {
        this.errors.push(
          this.#errorAt(place, path.slice(0, 3), 'more than a config can hold', 'fewer or shallower values', null),
        );
      }
      return undefined;
    }
    if (isMap(node)) {
      note(null, false);
      return this.#convertMap(node.items, path, resolve);
    }
    if (isSeq(node)) {
      note(null, false);
      return node.items.map((item, index) => this.#convert(item, [...path, index], place, resolve));
    }
    const value = isScalar(node) ? node.value : null;
    if (typeof value === 'string') return this.#convertText(value, path, place, note);
    if (typeof value === 'object' && value !== null) {
      // `!!binary` and `!!timestamp` make objects, which no key takes and nothing here can walk.
      const { found, expected } = yamlProblem('TAG_RESOLVE_FAILED');
      this.errors.push(this.#errorAt(place, path, found, expected, null));
      note(null, false);
      return undefined;
    }
    note(null, value === null && (!isScalar(node) || node.source === '' || node.source === undefined));
    return value;
  }

  #convertText(text: string, path: KeyPath, place: Place, note: (template: string | null, empty: boolean) => void) {
    const result = substitute(text, this.surroundings);
    if (result.ok) {
      note(result.changed ? text : null, false);
      return result.text;
    }
    note(text, false);
    this.errors.push(this.#errorAt(place, path, result.found, result.expected, null));
    return text;
  }

  #convertMap(pairs: readonly Pair[], path: KeyPath, resolve: (node: Node) => Node | undefined): unknown {
    const mapping: Record<string, unknown> = {};
    const seen = new Map<string, Place>();
    for (const pair of pairs) {
      const keyNode = pair.key as Node;
      const place = this.#placeAt(keyNode?.range?.[0] ?? 0);
      const key = isScalar(keyNode) && keyNode.value !== null ? String(keyNode.source ?? keyNode.value) : null;
      if (key === null || key === '__proto__') {
        this.errors.push(this.#errorAt(place, path, 'a key that is no text', 'a key', null));
        continue;
      }
      const first = seen.get(key);
      if (first !== undefined) {
        const found = `the key a second time, after line ${first.line}`;
        this.errors.push(this.#errorAt(place, [...path, key], found, 'each key once', null));
        continue;
      }
      seen.set(key, place);
      const value = this.#convert(pair.value, [...path, key], place, resolve);
      if (!this.#entries.get(keyOf([...path, key]))?.empty) mapping[key] = value;
    }
    return mapping;
  }
}

const MAX_DEPTH = 60;
/** No file without aliases has as many values as characters. */
const NODES_PER_CHARACTER = 10;
const NODES_ANYWAY = 10_000;
const MAX_NODES = 2_000_000;

/** What each alias stands for: the latest node before it that has its anchor. By itself each would look through all of the document. */
function anchoredBy(document: Document): ReadonlyMap<Alias, Node> {
  const latest = new Map<string, Node>();
  const anchored = new Map<Alias, Node>();
  visit(document, {
    Node: (_key, node, path) => {
      const found = isAlias(node) ? latest.get(node.source) : undefined;
      if (isAlias(node) && found !== undefined) anchored.set(node, found);
      if (!isAlias(node) && node.anchor !== undefined) latest.set(node.anchor, node);
      // A mapping's pairs are a level of their own. What lies deeper is refused.
      return path.length > 2 * MAX_DEPTH ? visit.SKIP : undefined;
    },
  });
  return anchored;
}

function keyOf(path: KeyPath): string {
  return JSON.stringify(path);
}

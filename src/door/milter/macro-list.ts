/**
 * The macros of one packet, as they came: an MTA sends some before every
 * command, and hardly any is ever asked for, so they are read when one is.
 */
export class MacroList {
  #read: ReadonlyMap<string, string> | null = null;

  private constructor(private readonly octets: Buffer) {}

  /** Names and values in turn, each ended by NUL; null: malformed. */
  static of(octets: Buffer): MacroList | null {
    const { length } = octets;
    if (length > 0 && octets[length - 1] !== NUL) return null;
    let texts = 0;
    for (let at = 0; at < length; at += 1) if (octets[at] === NUL) texts += 1;
    return texts % 2 === 0 ? new MacroList(octets) : null;
  }

  /** Undefined: not among them. */
  get(name: string): string | undefined {
    this.#read ??= this.#all();
    return this.#read.get(name);
  }

  #all(): ReadonlyMap<string, string> {
    const texts = this.octets.toString('utf8').split('\0');
    const macros = new Map<string, string>();
    // What follows the last NUL is no text.
    for (let i = 0; i + 1 < texts.length; i += 2) macros.set(bareName(texts[i] ?? ''), texts[i + 1] ?? '');
    return macros;
  }
}

const NUL = 0;

/** `{auth_type}` and `auth_type`, `{i}` and `i` are the same macro; MTAs differ in when they write the braces. */
function bareName(name: string): string {
  return name.startsWith('{') && name.endsWith('}') ? name.slice(1, -1) : name;
}

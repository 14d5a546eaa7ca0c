/** Octets, held in a Latin-1 string, as text. */

const SEVEN_BIT_SETS = /^(?:us-ascii|ascii|ansi_x3\.4-1968|iso646-us|7bit)$/;
/** Names that mail uses and the Encoding Standard does not know. */
const ALIASES: Readonly<Record<string, string>> = {
  'utf-7': 'utf-8',
  unicode: 'utf-8',
  'iso-2022-jp-2': 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  cp932: 'shift_jis',
  'eucjp-ms': 'euc-jp',
  'ks_c_5601-1987': 'euc-kr',
  cp936: 'gbk',
  'iso-8859-8-i': 'iso-8859-8',
  unknown: 'utf-8',
  'unknown-8bit': 'utf-8',
  'x-unknown': 'utf-8',
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
const ASCII = /^[\x00-\x7f]*$/;
/** ISO-2022-JP is seven bits wide and often comes undeclared, or as us-ascii. */
const JAPANESE_ESCAPE = '\x1b$';

/** Never throws: what the declared set cannot mean is read as UTF-8, else as Windows-1252. */
export function decodeCharset(octets: string, declared: string): string {
  const name = declared.trim().toLowerCase().replace(/^"|"$/g, '');
  if (octets.includes(JAPANESE_ESCAPE)) return decodeAs(octets, 'iso-2022-jp') ?? octets;
  if (ASCII.test(octets) && !/^(?:utf-16|hz|iso-2022)/.test(name)) return octets;
  if (name === '' || SEVEN_BIT_SETS.test(name)) return guess(octets);
  return decodeAs(octets, ALIASES[name] ?? name) ?? guess(octets);
}

/** Eight-bit text that does not say what it is. */
function guess(octets: string): string {
  return decodeAs(octets, 'utf-8') ?? decodeAs(octets, 'windows-1252') ?? octets;
}

function decodeAs(octets: string, name: string): string | null {
  try {
    // UTF-8 fails loudly, so that another guess can be made; the others replace what they cannot read.
    return new TextDecoder(name, { fatal: name === 'utf-8' }).decode(Buffer.from(octets, 'latin1'));
  } catch {
    return null;
  }
}

/** What elements of HTML do to the text around and within them; looked up once a tag. */

export interface HtmlTag {
  /** Lower case. */
  readonly name: string;
  /** Has no content and no end tag. */
  readonly isVoid: boolean;
  /** Begins and ends a line. */
  readonly block: boolean;
  /** A block with an empty line around it. */
  readonly paragraph: boolean;
  /** Of a table. */
  readonly cell: boolean;
  /** Text in it is nobody's: code, and what a program that reads HTML does not show. */
  readonly code: boolean;
  /** Text in it is not shown. */
  readonly unshown: boolean;
  readonly preformatted: boolean;
  /** Which open elements, on top of the stack, end where one of these begins. */
  readonly ends: ReadonlySet<string>;
}

const VOID = 'area base br col embed hr img input link meta param source track wbr basefont bgsound frame keygen'.split(
  ' ',
);
const BLOCK =
  'address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre section summary table tbody tfoot thead tr ul title'.split(
    ' ',
  );
const PARAGRAPH = 'p h1 h2 h3 h4 h5 h6 blockquote ul ol dl pre'.split(' ');
const CELL = ['td', 'th'];
const CODE = 'script style object applet svg math'.split(' ');
const UNSHOWN = 'template title head noembed noframes datalist audio video canvas iframe select'.split(' ');
const PREFORMATTED = 'pre textarea xmp plaintext'.split(' ');
const ENDS: Readonly<Record<string, readonly string[]>> = {
  li: ['li', 'p'],
  dt: ['dt', 'dd', 'p'],
  dd: ['dt', 'dd', 'p'],
  tr: ['tr', 'td', 'th', 'p'],
  td: ['td', 'th', 'p'],
  th: ['td', 'th', 'p'],
  tbody: ['tr', 'td', 'th', 'p', 'thead', 'tbody'],
  option: ['option'],
  body: ['head', 'title', 'style', 'script'],
  a: ['a'],
};
/** Of no effect of their own, and in every message. */
const ORDINARY = 'span b strong i em u s font small big sup sub label'.split(' ');
const NOTHING: ReadonlySet<string> = new Set();
const ENDS_PARAGRAPH: ReadonlySet<string> = new Set(['p']);

const KNOWN: ReadonlyMap<string, HtmlTag> = new Map(
  [VOID, BLOCK, PARAGRAPH, CELL, CODE, UNSHOWN, PREFORMATTED, Object.keys(ENDS), ORDINARY]
    .flat()
    .map((name) => [name, describe(name)]),
);

export function htmlTag(name: string): HtmlTag {
  return KNOWN.get(name) ?? { ...PLAIN_TAG, name };
}

const PLAIN_TAG = describe('');

function describe(name: string): HtmlTag {
  const block = BLOCK.includes(name);
  const ends = ENDS[name];
  return {
    name,
    isVoid: VOID.includes(name),
    block,
    paragraph: PARAGRAPH.includes(name),
    cell: CELL.includes(name),
    code: CODE.includes(name),
    unshown: UNSHOWN.includes(name),
    preformatted: PREFORMATTED.includes(name),
    ends: ends === undefined ? (block ? ENDS_PARAGRAPH : NOTHING) : new Set(ends),
  };
}

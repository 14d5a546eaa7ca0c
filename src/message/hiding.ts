/** Which declarations of CSS hide text, as far as mail programs heed them. */

/** What an element's style, attributes and ancestors make of the text in it. */
export interface Look {
  /** Nothing within can show again: display, opacity, clipped boxes. */
  readonly gone: boolean;
  /** `visibility` can be undone within. */
  readonly invisible: boolean;
  /** So can a font size of nothing; many layouts put 0 around what they size themselves. */
  readonly sizeless: boolean;
  /** As written out, for comparison; null: not known, or inherited from nobody. */
  readonly colour: string | null;
  readonly background: string | null;
}

export const PLAIN_LOOK: Look = { gone: false, invisible: false, sizeless: false, colour: null, background: null };

export function isHidden({ gone, invisible, sizeless, colour, background }: Look): boolean {
  return gone || invisible || sizeless || (colour !== null && colour === background);
}

/** No others are kept, however many there are. */
const PROPERTIES = new Set([
  'display',
  'visibility',
  'opacity',
  'font',
  'font-size',
  'height',
  'max-height',
  'width',
  'max-width',
  'overflow',
  'overflow-y',
  'text-indent',
  'position',
  'left',
  'right',
  'top',
  'color',
  'background',
  'background-color',
  'background-image',
]);
const INTERESTING = /display|visib|font|opacity|height|width|overflow|indent|position|colo|background/i;
const MAX_STYLE = 4_096;

export type Declarations = ReadonlyMap<string, string>;
export const NO_DECLARATIONS: Declarations = new Map();

/** The last of several alike counts, as in CSS; but one that is `!important` stays. */
export function readDeclarations(style: string): Declarations {
  if (!INTERESTING.test(style)) return NO_DECLARATIONS;
  const found = new Map<string, string>();
  const important = new Set<string>();
  for (const declaration of style.slice(0, MAX_STYLE).split(';')) {
    const colon = declaration.indexOf(':');
    if (colon < 0) continue;
    const property = declaration.slice(0, colon).trim().toLowerCase();
    if (!PROPERTIES.has(property)) continue;
    const words = declaration
      .slice(colon + 1)
      .trim()
      .toLowerCase();
    const stays = words.endsWith('important');
    if (important.has(property) && !stays) continue;
    if (stays) important.add(property);
    found.set(property, stays ? words.slice(0, words.lastIndexOf('!')).trimEnd() : words);
  }
  return found;
}

/** What declarations make of a look; read once, however many elements have them. */
export interface LookChange {
  readonly gone: boolean;
  /** Null: as around. */
  readonly invisible: boolean | null;
  readonly size: 'none' | 'some' | 'inherited';
  /** Undefined: as around. */
  readonly colour: string | null | undefined;
  readonly background: string | null | undefined;
}

/** Null: none. */
export function changeBy(declarations: Declarations): LookChange | null {
  if (declarations.size === 0) return null;
  const visibility = declarations.get('visibility');
  const colour = declarations.get('color');
  const change: LookChange = {
    gone: isGone(declarations),
    invisible: visibility === undefined ? null : visibility === 'hidden' || visibility === 'collapse',
    size: fontSize(declarations),
    colour: colour === undefined || colour === 'inherit' ? undefined : normaliseColour(colour),
    background: backgroundOf(declarations),
  };
  const { gone, invisible, size, background } = change;
  const changes = gone || invisible !== null || size !== 'inherited' || change.colour !== undefined;
  return changes || background !== undefined ? change : null;
}

function backgroundOf(declarations: Declarations): LookChange['background'] {
  const background = declarations.get('background-color') ?? declarations.get('background');
  // What a picture is behind is not known to be of one colour.
  if (declarations.has('background-image') || background?.includes('url(') === true) return null;
  return background === undefined ? undefined : (normaliseColour(background) ?? undefined);
}

export function lookWithin(around: Look, { gone, invisible, size, colour, background }: LookChange): Look {
  return {
    gone: around.gone || gone,
    invisible: invisible ?? around.invisible,
    sizeless: size === 'none' || (around.sizeless && size === 'inherited'),
    colour: colour === undefined ? around.colour : colour,
    background: background === undefined ? around.background : background,
  };
}

/** `bgcolor` and the `color` of `font` are colours as well. */
export function withColours(look: Look, colour: string | undefined, background: string | undefined): Look {
  return {
    ...look,
    colour: colour === undefined ? look.colour : normaliseColour(colour),
    background: background === undefined ? look.background : normaliseColour(background),
  };
}

function isGone(declarations: Declarations): boolean {
  if (declarations.get('display') === 'none') return true;
  const opacity = declarations.get('opacity');
  if (opacity !== undefined && Number.parseFloat(opacity) === 0) return true;
  const clipped =
    declarations.get('overflow')?.includes('hidden') === true || declarations.get('overflow-y') === 'hidden';
  if (clipped && ['height', 'max-height', 'width', 'max-width'].some((side) => isNothing(declarations.get(side))))
    return true;
  const indent = declarations.get('text-indent');
  if (indent !== undefined && Number.parseFloat(indent) <= -999) return true;
  const position = declarations.get('position');
  if (position !== 'absolute' && position !== 'fixed') return false;
  return ['left', 'top', 'right'].some((side) => Number.parseFloat(declarations.get(side) ?? '0') <= -999);
}

function isNothing(length: string | undefined): boolean {
  return length !== undefined && /^0*\.?0+[a-z%]*$/.test(length);
}

/** One pixel is nothing as well. */
const TINY = /^(?:0*\.?0+(?:[a-z]+|%)?|0*(?:1|0?\.\d+)(?:px|pt))$/;

function fontSize(declarations: Declarations): 'none' | 'some' | 'inherited' {
  const size = declarations.get('font-size') ?? shorthandSize(declarations.get('font'));
  if (size === undefined || size === 'inherit') return 'inherited';
  if (TINY.test(size)) return 'none';
  // A share of nothing is nothing.
  return /^[\d.]+(?:em|%)$/.test(size) ? 'inherited' : 'some';
}

/** `font: 0/0 a`, `font: bold 14px/20px Arial`. */
function shorthandSize(font: string | undefined): string | undefined {
  return font?.split(/[\s/]/).find((word) => /^\.?\d/.test(word) && !/^[1-9]00$/.test(word));
}

const NAMED: Readonly<Record<string, string>> = {
  white: '#ffffff',
  black: '#000000',
  silver: '#c0c0c0',
  gray: '#808080',
  grey: '#808080',
  red: '#ff0000',
  yellow: '#ffff00',
  green: '#008000',
  blue: '#0000ff',
};

/** `#rrggbb` in lower case; null: none that can be compared. */
function normaliseColour(colour: string): string | null {
  const text = colour.trim().toLowerCase();
  const named = NAMED[text];
  if (named !== undefined) return named;
  const hex = /^#?([0-9a-f]{6})(?![0-9a-z])/.exec(text);
  if (hex !== null) return `#${hex[1]}`;
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])(?![0-9a-z])/.exec(text);
  if (short !== null) return `#${short[1]}${short[1]}${short[2]}${short[2]}${short[3]}${short[3]}`;
  const rgb = /^rgb\((\d{1,3}),? *(\d{1,3}),? *(\d{1,3})\)/.exec(text);
  if (rgb === null) return null;
  return `#${rgb
    .slice(1)
    .map((part) => Math.min(255, Number(part)).toString(16).padStart(2, '0'))
    .join('')}`;
}

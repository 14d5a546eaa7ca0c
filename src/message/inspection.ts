/**
 * What an inspection of a message yields: plain data, so that it can be judged,
 * kept and replayed. Nothing here is trusted: every text is the sender's.
 */

import type { Words } from './words.js';

/**
 * What is looked at; each includes the ones before it. `header`: the header
 * section. `structure`: the tree of MIME parts, attachments counted and named.
 * `text`: text parts decoded, visible apart from hidden, with their links.
 * `fingerprint`: what alike messages share.
 */
export type Wish = 'header' | 'structure' | 'text' | 'fingerprint';

/** Looks at a message that streams by. */
export interface Inspector {
  /** Message octets with dots unstuffed, cut anywhere. The chunk must not change afterwards. */
  feed(chunk: Buffer): void;
  /**
   * The message is whole. To be called once.
   *
   * @param words of greetings and the like, which a fingerprint leaves out; absent: those that Sluice brings
   */
  end(words?: Words): Inspection;
}

/** Beyond these nothing is kept; `Inspection.exceeded` says which were met. */
export interface Bounds {
  /** Octets of the header section of the message, and of all parts' together. */
  readonly headerOctets: number;
  /** Fields of the header section of the message, and of all parts' together. */
  readonly headerFields: number;
  /** MIME parts, containers included. */
  readonly parts: number;
  /** Containers (multipart, message/rfc822) within one another. */
  readonly nesting: number;
  /** Octets of text parts before their transfer encoding is undone, all together. */
  readonly textOctets: number;
  /** Links, and images likewise. */
  readonly links: number;
}

export type Bound = keyof Bounds;

export interface Inspection {
  /** Octets, as fed. */
  readonly size: number;
  readonly wish: Wish | null;
  readonly header: HeaderSection;
  /** The message's own MIME tree; null unless wished. */
  readonly structure: Part | null;
  /** The text parts in order; empty unless wished. */
  readonly texts: readonly TextPart[];
  readonly links: readonly Link[];
  readonly images: readonly Image[];
  /** Leaves of the tree that are no text to read: files, inline images, calendar objects. */
  readonly attachments: readonly Attachment[];
  /** None for a message without text and links; otherwise one, or two where the plain and the HTML alternative differ. */
  readonly fingerprints: readonly Fingerprint[];
  readonly exceeded: readonly Bound[];
  /** What there is and could not be read. */
  readonly unseen: readonly Unseen[];
}

// ---------------------------------------------------------------- header

export interface HeaderSection {
  /** From top to bottom, but for what was beyond a bound. */
  readonly fields: readonly HeaderField[];
  readonly defects: readonly HeaderDefect[];
}

export interface HeaderField {
  /** As spelled. */
  readonly name: string;
  /** In lower case, to compare by. */
  readonly key: string;
  /** What follows the colon, octets as Latin-1, folding and all but the last line end. */
  readonly raw: string;
  /** Unfolded, encoded words decoded (RFC 2047), 8-bit read as UTF-8 or else windows-1252, without surrounding space. */
  readonly value: string;
  /** 0 for the topmost. */
  readonly position: number;
}

/**
 * `no-colon`: a line that is neither field nor continuation. `space-before-colon`,
 * `bare-cr`, `bare-lf` (next to CRLF lines), `nul`, `control` (other control
 * characters), `eight-bit` (octets that are no UTF-8), `long-line` (over 998
 * octets), `blank-fold` (a continuation of nothing but space, which some readers
 * take for the end), `leading-continuation` (the section begins with space),
 * `fields-after-end` (the body begins with what looks like more of the header
 * section), `no-end` (no empty line), `bad-encoded-word`.
 */
export type HeaderDefectKind =
  | 'no-colon'
  | 'space-before-colon'
  | 'bare-cr'
  | 'bare-lf'
  | 'nul'
  | 'control'
  | 'eight-bit'
  | 'long-line'
  | 'blank-fold'
  | 'leading-continuation'
  | 'fields-after-end'
  | 'no-end'
  | 'bad-encoded-word';

export interface HeaderDefect {
  readonly kind: HeaderDefectKind;
  /** Field that it is in, as spelled; null: none. */
  readonly field: string | null;
  /** 1 for the first line of the section. */
  readonly line: number;
}

// ---------------------------------------------------------------- structure

/**
 * `multipart` and `message` have children; `text` is read; `attachment` is
 * counted and named; `report` is a machine-readable part of a DSN, MDN or
 * feedback report; `opaque` is encrypted, or cannot be taken apart.
 */
export type PartRole = 'multipart' | 'message' | 'text' | 'attachment' | 'report' | 'opaque';

export type PartDefect =
  | 'bad-content-type'
  | 'bad-encoding'
  | 'duplicate-content-type'
  | 'no-boundary'
  | 'boundary-reused'
  | 'boundary-never-seen'
  | 'no-end-boundary'
  | 'encoded-container'
  | 'bad-base64'
  | 'bad-quoted-printable'
  | 'bad-charset'
  | 'undecodable-octets';

export interface Part {
  /** IMAP's way to name it: `1`, `1.2`. A message's own multipart, which has no name there, is `0` of it: `0`, `2.0`. */
  readonly path: string;
  readonly role: PartRole;
  /** `text/plain`: lower case, RFC 2045's default filled in. */
  readonly type: string;
  /** Of Content-Type, keys in lower case, RFC 2231 undone. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Content-Transfer-Encoding in lower case; `7bit` where there is none. */
  readonly encoding: string;
  readonly disposition: string | null;
  readonly filename: string | null;
  readonly contentId: string | null;
  /** Octets of the body as transferred. */
  readonly size: number;
  /** Header section of the part; for a `message` part see its child. */
  readonly header: HeaderSection;
  readonly defects: readonly PartDefect[];
  /** Part of a forwarded or attached message. */
  readonly embedded: boolean;
  /** Path of the innermost multipart/alternative around it. */
  readonly alternativeOf: string | null;
  readonly children: readonly Part[];
}

export interface Attachment {
  readonly part: string;
  readonly type: string;
  /** Null: it has none. */
  readonly name: string | null;
  /** Octets as transferred; base64 makes four of three. */
  readonly size: number;
  /** To be shown within the text (`inline`, or referred to by Content-ID). */
  readonly inline: boolean;
  /** Within an attached message. */
  readonly embedded: boolean;
}

export interface Unseen {
  readonly part: string;
  readonly type: string;
  /**
   * `encrypted`: PGP/MIME, S/MIME (opaque signatures too), PGP in a text.
   * `charset`: not one that we know; what is ASCII in it was read.
   * `encoding`: an unknown transfer encoding. `structure`: a container that cannot be taken apart.
   * `bound`: there was too much; `Inspection.exceeded` says of what.
   */
  readonly why: 'encrypted' | 'charset' | 'encoding' | 'structure' | 'bound';
}

// ---------------------------------------------------------------- text

export interface TextPart {
  readonly part: string;
  readonly kind: 'plain' | 'html' | 'calendar';
  readonly charset: string;
  /** What a reader sees, lines ended by LF; a calendar's summary, description and location. */
  readonly visible: string;
  /** Text that the sender wrote and nobody sees: `display:none`, `hidden`, font size 0, comments … Scripts and style sheets are not in it. */
  readonly hidden: string;
  /** Part of a forwarded or attached message, so not the sender's own words. */
  readonly embedded: boolean;
  /** Path of the innermost multipart/alternative around it; its texts say the same, and a reader sees one. Null: everybody sees it. */
  readonly alternativeOf: string | null;
}

export interface Link {
  /** As written, entities undone and space around it taken off. */
  readonly url: string;
  /** What the reader clicks on: text, and `alt` of images in it. Of a bare URL: itself. */
  readonly text: string;
  /** `anchor`: a or area; `bare`: a URL in the text; `form`: where a form goes. */
  readonly kind: 'anchor' | 'bare' | 'form';
  readonly hidden: boolean;
  readonly part: string;
  readonly embedded: boolean;
  /** Visible text just before the link in its block: "to unsubscribe, click" here. */
  readonly before: string;
  /** And just after. */
  readonly after: string;
}

export interface Image {
  readonly url: string;
  readonly alt: string;
  readonly hidden: boolean;
  readonly part: string;
}

// ---------------------------------------------------------------- fingerprint

export interface Fingerprint {
  readonly of: 'plain' | 'html';
  /**
   * Keys for exact lookup, short ASCII: alike messages share at least one (with
   * a probability that docs/inspection.md states); who shares one is to be
   * compared by `likeness`.
   */
  readonly bands: readonly string[];
  /** ASCII, opaque, to be kept with a campaign and compared by `likeness`. */
  readonly signature: string;
  /** Distinct features that it is made of. With few (see `MIN_FEATURES`) alikeness says little. */
  readonly features: number;
}

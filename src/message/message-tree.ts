/** The tree of MIME parts (RFC 2046), built while the octets stream by. */

import { ByteSink } from './byte-sink.js';
import { NO_HEADER, parseHeaderSection } from './header-section.js';
import type { Bound, Bounds, HeaderSection, Part, Unseen } from './inspection.js';
import { LineCutter, type LineReader } from './line-cutter.js';
import { isEncoded, type PartKind, partKind } from './part-kind.js';
import { undoTransfer } from './transfer-encoding.js';

/** A leaf that is text, whole. */
export interface TextLeaf {
  readonly part: PartBuilder;
  /** As transferred. */
  readonly octets: Buffer;
}

/** A part while it is built. */
export type PartBuilder = { -readonly [K in keyof Part]: Part[K] } & { readonly children: PartBuilder[] };

/** What a part is within. */
interface Frame {
  readonly part: PartBuilder;
  /** Null: a message, which ends with what it is in. */
  readonly boundary: string | null;
  /** Where its body began. */
  readonly from: number;
  begun: boolean;
}

/** `encoded`: a message that is to be taken apart when its transfer encoding is undone. */
type State = 'fields' | 'text' | 'encoded' | 'leaf' | 'around';

/** Of the body, to see whether it begins with more of the header section. */
const BODY_START = 2_048;

export class MessageTree implements LineReader {
  readonly texts: TextLeaf[] = [];
  readonly unseen: Unseen[] = [];
  readonly exceeded = new Set<Bound>();
  header: HeaderSection = NO_HEADER;
  root: PartBuilder | null = null;
  /** The header section ended with an empty line. */
  headerEnded = false;

  readonly #frames: Frame[] = [];
  /** Frames by boundary, innermost last. */
  readonly #boundaries = new Map<string, number[]>();
  #state: State = 'fields';
  #part: PartBuilder | null = null;
  readonly #sink = new ByteSink();
  readonly #bodyStart = new ByteSink();
  #parts = 0;
  /** What is left for the header sections of parts, and for texts. */
  #fieldOctetsLeft: number;
  #fieldsLeft: number;
  #textOctetsLeft: number;
  #encodedOctetsLeft: number;
  /** Octets so far, and where the leaf's body began. */
  #position = 0;
  #leafFrom = 0;
  /** The last two octets: a line end before a boundary is the boundary's. */
  #lastOctet = 0;
  #octetBefore = 0;

  /** With `header` parts are not looked at; with `structure` texts are not kept. `within`: the part whose message it is. */
  constructor(
    private readonly depth: 'header' | 'structure' | 'text',
    private readonly bounds: Bounds,
    private readonly within: PartBuilder | null = null,
  ) {
    this.#fieldOctetsLeft = bounds.headerOctets;
    this.#fieldsLeft = bounds.headerFields;
    this.#textOctetsLeft = depth === 'text' ? bounds.textOctets : 0;
    this.#encodedOctetsLeft = bounds.textOctets;
  }

  /** The first octets of the body. */
  takeBodyStart(): string {
    return this.#bodyStart.take().toString('latin1');
  }

  /** Nothing more is to be seen. */
  get done(): boolean {
    return this.depth === 'header' && this.headerEnded && this.#bodyStart.length >= BODY_START;
  }

  expects(): 'fields' | 'body' | 'skipped' {
    if (this.#state === 'fields') return 'fields';
    return this.#boundaries.size === 0 ? 'skipped' : 'body';
  }

  content(chunk: Buffer, from: number, to: number): void {
    this.#keepStart(chunk, from, to);
    const count = to - from;
    if (count === 0) return;
    this.#position += count;
    this.#octetBefore = (count > 1 ? chunk[to - 2] : this.#lastOctet) ?? 0;
    this.#lastOctet = chunk[to - 1] ?? 0;
    if (this.#state === 'fields') this.#keepFields(chunk, from, to);
    else if (this.#state === 'text') this.#textOctetsLeft -= this.#keep(chunk, from, to, this.#textOctetsLeft);
    else if (this.#state === 'encoded') this.#encodedOctetsLeft -= this.#keep(chunk, from, to, this.#encodedOctetsLeft);
  }

  emptyLine(octets: number): void {
    this.#keepStart(Buffer.from('\n'), 0, 1);
    this.#position += octets;
    this.#lastOctet = 0;
    this.#endFields();
  }

  dashLine(line: string, octets: number): boolean {
    const key = line.slice(2).trimEnd();
    if (!this.#isBoundary(key)) return false;
    this.#keepStart(Buffer.from(`${line}\n`, 'latin1'), 0, line.length + 1);
    this.#position += octets;
    this.#lastOctet = 0;
    return true;
  }

  #keepStart(chunk: Buffer, from: number, to: number): void {
    const room = BODY_START - this.#bodyStart.length;
    if (this.headerEnded && room > 0) this.#bodyStart.append(chunk, from, to, room);
  }

  /** Acts on it, if it is one. */
  #isBoundary(key: string): boolean {
    const opening = this.#boundaries.get(key)?.at(-1);
    if (opening !== undefined) {
      this.#closeTo(opening);
      this.#beginPart(opening);
      return true;
    }
    const closing = key.endsWith('--') ? this.#boundaries.get(key.slice(0, -2))?.at(-1) : undefined;
    if (closing === undefined) return false;
    this.#closeTo(closing);
    this.#popFrame('ended');
    this.#state = 'around';
    return true;
  }

  end(): void {
    if (this.#state === 'fields' && this.#part === null && this.root === null) this.#endFields(false);
    this.#closeTo(-1);
  }

  // -------------------------------------------------------------- header sections

  /** Of what is beyond the bounds only the end is looked for. */
  #keepFields(chunk: Buffer, from: number, to: number): void {
    const left =
      this.#part === null && this.root === null
        ? this.bounds.headerOctets - this.#sink.length
        : this.#fieldOctetsLeft - this.#sink.length;
    if (this.#sink.append(chunk, from, to, left) < to - from) this.exceeded.add('headerOctets');
  }

  #endFields(ended = true): void {
    const octets = this.#sink.take();
    if (this.root === null) this.#beginRoot(octets, ended);
    else this.#beginBody(octets);
  }

  #beginRoot(octets: Buffer, ended: boolean): void {
    this.headerEnded = ended;
    this.header = this.#read(octets, this.bounds.headerFields);
    if (!ended)
      this.header = { ...this.header, defects: [...this.header.defects, { kind: 'no-end', field: null, line: 0 }] };
    if (this.depth === 'header') this.#state = 'around';
    else this.#begin(partKind(this.header, 'text/plain'), this.header, null);
  }

  #beginBody(octets: Buffer): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    const header = this.#read(octets, this.#fieldsLeft);
    this.#fieldOctetsLeft -= octets.length;
    this.#fieldsLeft -= header.fields.length;
    const inDigest = frame.part.type === 'multipart/digest';
    this.#begin(partKind(header, inDigest ? 'message/rfc822' : 'text/plain'), header, frame);
  }

  #read(octets: Buffer, maxFields: number): HeaderSection {
    // One more than may be kept, to know that there are more.
    const section = parseHeaderSection(octets, maxFields + 1);
    if (section.fields.length <= maxFields) return section;
    this.exceeded.add('headerFields');
    return { ...section, fields: section.fields.slice(0, maxFields) };
  }

  // -------------------------------------------------------------- parts

  #beginPart(frameIndex: number): void {
    const frame = this.#frames[frameIndex];
    if (frame === undefined) return;
    frame.begun = true;
    if (this.#parts >= this.bounds.parts) this.#tooMuch('parts', frame.part);
    this.#state = this.#parts >= this.bounds.parts ? 'around' : 'fields';
  }

  #begin(kind: PartKind, header: HeaderSection, frame: Frame | null): void {
    this.#parts += 1;
    const part = makePart(kind, header, frame?.part ?? this.within);
    if (frame === null) this.root = part;
    else frame.part.children.push(part);
    this.#leafFrom = this.#position;
    const container = part.role === 'multipart' || (part.role === 'message' && !this.#isInEncrypted());
    if (container) this.#beginContainer(part, kind.boundary);
    else this.#beginLeaf(part);
  }

  #beginContainer(part: PartBuilder, boundary: string | null): void {
    const isMessage = part.role === 'message';
    if (this.#frames.length >= this.bounds.nesting || (isMessage && this.#parts >= this.bounds.parts)) {
      this.#tooMuch(this.#frames.length >= this.bounds.nesting ? 'nesting' : 'parts', part);
      part.role = 'opaque';
      this.#part = part;
      this.#state = 'leaf';
      return;
    }
    if (isMessage && isEncoded(part.encoding)) {
      this.#part = part;
      this.#state = 'encoded';
      return;
    }
    if (part.type === 'multipart/encrypted') this.unseen.push({ part: part.path, type: part.type, why: 'encrypted' });
    this.#part = null;
    if (boundary !== null) {
      const known = this.#boundaries.get(boundary);
      if (known !== undefined) part.defects = [...part.defects, 'boundary-reused'];
      this.#boundaries.set(boundary, [...(known ?? []), this.#frames.length]);
    }
    this.#frames.push({ part, boundary, from: this.#position, begun: false });
    this.#state = isMessage ? 'fields' : 'around';
  }

  #beginLeaf(part: PartBuilder): void {
    this.#part = part;
    const { path, type } = part;
    if (this.#isInEncrypted()) part.role = 'opaque';
    else if (part.role === 'opaque')
      this.unseen.push({ part: path, type, why: part.defects.includes('no-boundary') ? 'structure' : 'encrypted' });
    this.#state = part.role === 'text' && this.depth === 'text' ? 'text' : 'leaf';
  }

  #isInEncrypted(): boolean {
    return this.#frames.at(-1)?.part.type === 'multipart/encrypted';
  }

  /** Of what is to be read; says how many octets of it. */
  #keep(chunk: Buffer, from: number, to: number, room: number): number {
    const taken = this.#sink.append(chunk, from, to, room);
    if (taken < to - from && this.#part !== null) this.#tooMuch('textOctets', this.#part);
    return taken;
  }

  /** A message in base64 or quoted-printable (RFC 6532 §3.5 allows it, senders did before): with what is left of the bounds. */
  #takeApart(part: PartBuilder, octets: Buffer): void {
    const { bounds } = this;
    const inner = new MessageTree(
      this.depth,
      {
        ...bounds,
        headerOctets: this.#fieldOctetsLeft,
        headerFields: this.#fieldsLeft,
        parts: bounds.parts - this.#parts,
        nesting: bounds.nesting - this.#frames.length - 1,
        textOctets: this.#encodedOctetsLeft,
      },
      part,
    );
    inner.#textOctetsLeft = this.#textOctetsLeft;
    const decoded = undoTransfer(octets, part.encoding);
    if (decoded.malformed)
      part.defects = [...part.defects, part.encoding === 'base64' ? 'bad-base64' : 'bad-quoted-printable'];
    const cutter = new LineCutter(inner);
    cutter.feed(decoded.octets);
    cutter.end();
    inner.end();
    if (inner.root !== null) part.children.push(inner.root);
    this.texts.push(...inner.texts);
    this.unseen.push(...inner.unseen);
    for (const bound of inner.exceeded) this.exceeded.add(bound);
    this.#parts += inner.#parts;
    this.#fieldOctetsLeft = inner.#fieldOctetsLeft;
    this.#fieldsLeft = inner.#fieldsLeft;
    this.#textOctetsLeft = inner.#textOctetsLeft;
    this.#encodedOctetsLeft = inner.#encodedOctetsLeft;
  }

  /** Ends what is within the frame of this index; -1: everything. */
  #closeTo(frameIndex: number): void {
    // Header sections that a boundary cuts short: a part's, and that of a message that it would be.
    while (this.#state === 'fields' && this.root !== null) this.#endFields();
    this.#endLeaf(frameIndex >= 0);
    while (this.#frames.length - 1 > frameIndex) this.#popFrame(frameIndex >= 0 ? 'cut' : 'over');
  }

  #sizeFrom(from: number, beforeBoundary: boolean): number {
    const lineEnd = !beforeBoundary || this.#lastOctet !== 0x0a ? 0 : this.#octetBefore === 0x0d ? 2 : 1;
    return Math.max(0, this.#position - from - lineEnd);
  }

  #endLeaf(beforeBoundary: boolean): void {
    const part = this.#part;
    if (part === null) return;
    part.size = this.#sizeFrom(this.#leafFrom, beforeBoundary);
    if (this.#state === 'text' || this.#state === 'encoded') {
      const kept = this.#sink.take();
      const octets = kept.subarray(0, Math.min(kept.length, part.size));
      if (this.#state === 'text') this.texts.push({ part, octets });
      else this.#takeApart(part, octets);
    }
    this.#part = null;
    this.#state = 'around';
  }

  /** `ended` by its own boundary, `cut` by an outer one, or the message is `over`. */
  #popFrame(how: 'ended' | 'cut' | 'over'): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    const { part, boundary } = frame;
    part.size = this.#sizeFrom(frame.from, how !== 'over');
    if (boundary === null) return;
    const known = this.#boundaries.get(boundary)?.slice(0, -1) ?? [];
    if (known.length === 0) this.#boundaries.delete(boundary);
    else this.#boundaries.set(boundary, known);
    if (how !== 'ended') part.defects = [...part.defects, frame.begun ? 'no-end-boundary' : 'boundary-never-seen'];
    if (!frame.begun) this.unseen.push({ part: part.path, type: part.type, why: 'structure' });
  }

  #tooMuch(bound: Bound, part: PartBuilder): void {
    this.exceeded.add(bound);
    const last = this.unseen.at(-1);
    if (last?.part === part.path && last.why === 'bound') return;
    this.unseen.push({ part: part.path, type: part.type, why: 'bound' });
  }
}

function makePart(kind: PartKind, header: HeaderSection, parent: PartBuilder | null): PartBuilder {
  const path = pathOf(kind.role, parent);
  return {
    path,
    role: kind.role,
    type: kind.type,
    parameters: kind.parameters,
    encoding: kind.encoding,
    disposition: kind.disposition,
    filename: kind.filename,
    contentId: kind.contentId,
    size: 0,
    header,
    defects: kind.defects,
    children: [],
    alternativeOf:
      parent === null ? null : parent.type === 'multipart/alternative' ? parent.path : parent.alternativeOf,
    embedded: parent !== null && (parent.embedded || parent.role === 'message'),
  };
}

/** As IMAP counts (RFC 3501 §6.4.5); a message's own multipart is `0` of it. */
function pathOf(role: PartKind['role'], parent: PartBuilder | null): string {
  const ofMessage = parent === null || parent.role === 'message';
  const number = ofMessage ? (role === 'multipart' ? 0 : 1) : parent.children.length + 1;
  const around = parent === null ? '' : ofMessage ? parent.path : parent.path.replace(/(?:^|\.)0$/, '');
  return around === '' ? String(number) : `${around}.${number}`;
}

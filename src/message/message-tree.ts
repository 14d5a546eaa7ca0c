/** The tree of MIME parts (RFC 2046), built while the octets stream by. */

import { Allowance } from './allowance.js';
import { ByteSink } from './byte-sink.js';
import { NO_HEADER, parseHeaderSection } from './header-section.js';
import type { Bound, Bounds, HeaderSection, Unseen } from './inspection.js';
import { LineCutter, type LineReader } from './line-cutter.js';
import { type Container, OpenContainers } from './open-containers.js';
import { beginPart, type PartBuilder } from './part-builder.js';
import { isEncoded, type PartKind, partKind } from './part-kind.js';
import { undoTransfer } from './transfer-encoding.js';

/** A leaf that is text, whole. */
export interface TextLeaf {
  readonly part: PartBuilder;
  /** As transferred. */
  readonly octets: Buffer;
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

  readonly #open = new OpenContainers();
  #state: State = 'fields';
  #part: PartBuilder | null = null;
  readonly #sink = new ByteSink();
  readonly #bodyStart = new ByteSink();
  /** Octets so far, and where the leaf's body began. */
  #position = 0;
  #leafFrom = 0;
  /** The last two octets: a line end before a boundary is the boundary's. */
  #lastOctet = 0;
  #octetBefore = 0;

  /**
   * With `header` parts are not looked at; with `structure` texts are not kept.
   *
   * @param left what the parts may use
   * @param within the part whose message it is
   */
  constructor(
    private readonly depth: 'header' | 'structure' | 'text',
    private readonly bounds: Bounds,
    private readonly left = new Allowance(bounds, depth),
    private readonly within: PartBuilder | null = null,
  ) {}

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
    return this.#open.haveNoBoundary ? 'skipped' : 'body';
  }

  content(chunk: Buffer, from: number, to: number): void {
    this.#keepStart(chunk, from, to);
    const count = to - from;
    if (count === 0) return;
    this.#position += count;
    this.#octetBefore = (count > 1 ? chunk[to - 2] : this.#lastOctet) ?? 0;
    this.#lastOctet = chunk[to - 1] ?? 0;
    if (this.#state === 'fields') this.#keepFields(chunk, from, to);
    else if (this.#state === 'text') this.left.textOctets -= this.#keep(chunk, from, to, this.left.textOctets);
    else if (this.#state === 'encoded') this.left.encodedOctets -= this.#keep(chunk, from, to, this.left.encodedOctets);
  }

  emptyLine(octets: number): void {
    this.#keepStart(Buffer.from('\n'), 0, 1);
    this.#position += octets;
    this.#lastOctet = 0;
    this.#endFields();
  }

  dashLine(line: string, octets: number): boolean {
    const boundary = this.#open.boundaryLine(line.slice(2).trimEnd());
    if (boundary === null) return false;
    this.#closeTo(boundary.depth);
    if (boundary.closes) {
      this.#popContainer('ended');
      this.#state = 'around';
    } else this.#nextPart(boundary.depth);
    this.#keepStart(Buffer.from(`${line}\n`, 'latin1'), 0, line.length + 1);
    this.#position += octets;
    this.#lastOctet = 0;
    return true;
  }

  #keepStart(chunk: Buffer, from: number, to: number): void {
    const room = BODY_START - this.#bodyStart.length;
    if (this.headerEnded && room > 0) this.#bodyStart.append(chunk, from, to, room);
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
        : this.left.fieldOctets - this.#sink.length;
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
    const { innermost } = this.#open;
    if (innermost === null) return;
    const header = this.#read(octets, this.left.fields);
    this.left.fieldOctets -= octets.length;
    this.left.fields -= header.fields.length;
    const inDigest = innermost.part.type === 'multipart/digest';
    this.#begin(partKind(header, inDigest ? 'message/rfc822' : 'text/plain'), header, innermost);
  }

  #read(octets: Buffer, maxFields: number): HeaderSection {
    // One more than may be kept, to know that there are more.
    const section = parseHeaderSection(octets, maxFields + 1);
    if (section.fields.length <= maxFields) return section;
    this.exceeded.add('headerFields');
    return { ...section, fields: section.fields.slice(0, maxFields) };
  }

  // -------------------------------------------------------------- parts

  #nextPart(depth: number): void {
    const container = this.#open.at(depth);
    if (container === null) return;
    container.begun = true;
    if (this.left.parts <= 0) this.#tooMuch('parts', container.part);
    this.#state = this.left.parts <= 0 ? 'around' : 'fields';
  }

  #begin(kind: PartKind, header: HeaderSection, around: Container | null): void {
    this.left.parts -= 1;
    const part = beginPart(kind, header, around?.part ?? this.within);
    if (around === null) this.root = part;
    else around.part.children.push(part);
    this.#leafFrom = this.#position;
    const container = part.role === 'multipart' || (part.role === 'message' && !this.#isInEncrypted());
    if (container) this.#beginContainer(part, kind.boundary);
    else this.#beginLeaf(part);
  }

  #beginContainer(part: PartBuilder, boundary: string | null): void {
    const isMessage = part.role === 'message';
    const tooDeep = this.#open.depth >= this.bounds.nesting;
    if (tooDeep || (isMessage && this.left.parts <= 0)) {
      this.#tooMuch(tooDeep ? 'nesting' : 'parts', part);
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
    if (this.#open.push(part, boundary, this.#position) === 'reused')
      part.defects = [...part.defects, 'boundary-reused'];
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
    return this.#open.innermost?.part.type === 'multipart/encrypted';
  }

  /** Of what is to be read; says how many octets of it. */
  #keep(chunk: Buffer, from: number, to: number, room: number): number {
    const taken = this.#sink.append(chunk, from, to, room);
    if (taken < to - from && this.#part !== null) this.#tooMuch('textOctets', this.#part);
    return taken;
  }

  /** A message in base64 or quoted-printable (RFC 6532 §3.5 allows it, senders did before): with what is left of the bounds. */
  #takeApart(part: PartBuilder, octets: Buffer): void {
    const { bounds, left } = this;
    const inner = new MessageTree(
      this.depth,
      {
        ...bounds,
        headerOctets: left.fieldOctets,
        headerFields: left.fields,
        nesting: bounds.nesting - this.#open.depth - 1,
      },
      left,
      part,
    );
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
  }

  /** Ends what is within the container of this depth; -1: everything. */
  #closeTo(depth: number): void {
    // Header sections that a boundary cuts short: a part's, and that of a message that it would be.
    while (this.#state === 'fields' && this.root !== null) this.#endFields();
    this.#endLeaf(depth >= 0);
    while (this.#open.depth - 1 > depth) this.#popContainer(depth >= 0 ? 'cut' : 'over');
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
  #popContainer(how: 'ended' | 'cut' | 'over'): void {
    const container = this.#open.pop();
    if (container === null) return;
    const { part, boundary, from, begun } = container;
    part.size = this.#sizeFrom(from, how !== 'over');
    if (boundary === null) return;
    if (how !== 'ended') part.defects = [...part.defects, begun ? 'no-end-boundary' : 'boundary-never-seen'];
    if (!begun) this.unseen.push({ part: part.path, type: part.type, why: 'structure' });
  }

  #tooMuch(bound: Bound, part: PartBuilder): void {
    this.exceeded.add(bound);
    const last = this.unseen.at(-1);
    if (last?.part === part.path && last.why === 'bound') return;
    this.unseen.push({ part: part.path, type: part.type, why: 'bound' });
  }
}

import type { PartBuilder } from './part-builder.js';

/** A multipart or message whose end has not come. */
export interface Container {
  readonly part: PartBuilder;
  /** Null: a message, which ends with what it is in. */
  readonly boundary: string | null;
  /** Where its body began, in octets of the message. */
  readonly from: number;
  /** A part of it has begun. */
  begun: boolean;
}

/** A boundary line, and how deep its container lies, 0 being the outermost. */
export interface BoundaryLine {
  readonly depth: number;
  /** It is the last: no part begins with it. */
  readonly closes: boolean;
}

/**
 * What a place of a message is within, and whose boundary a line is. A line may
 * be that of any container around (RFC 2046 §5.1.2: an outer one ends the inner
 * ones whose own did not come); where several have the same, the innermost
 * counts. Found without looking through them, however deep they lie: a
 * stranger's message may be nothing but containers and lines of dashes.
 */
export class OpenContainers {
  readonly #open: Container[] = [];
  /** Depths by boundary, innermost last. */
  readonly #depths = new Map<string, number[]>();

  get depth(): number {
    return this.#open.length;
  }

  get innermost(): Container | null {
    return this.#open.at(-1) ?? null;
  }

  /** No line can be a boundary here. */
  get haveNoBoundary(): boolean {
    return this.#depths.size === 0;
  }

  at(depth: number): Container | null {
    return this.#open[depth] ?? null;
  }

  /** Says whether a container around has the same boundary. */
  push(part: PartBuilder, boundary: string | null, from: number): 'new' | 'reused' {
    const known = boundary === null ? undefined : this.#depths.get(boundary);
    if (boundary !== null) this.#depths.set(boundary, [...(known ?? []), this.#open.length]);
    this.#open.push({ part, boundary, from, begun: false });
    return known === undefined ? 'new' : 'reused';
  }

  /** The innermost, which is over; null: there is none. */
  pop(): Container | null {
    const container = this.#open.pop();
    if (container === undefined) return null;
    const { boundary } = container;
    if (boundary !== null) this.#forget(boundary);
    return container;
  }

  /** @param text of the line, behind its two dashes and without the space at its end; null: it is no boundary */
  boundaryLine(text: string): BoundaryLine | null {
    const begins = this.#depths.get(text)?.at(-1);
    if (begins !== undefined) return { depth: begins, closes: false };
    const closes = text.endsWith('--') ? this.#depths.get(text.slice(0, -2))?.at(-1) : undefined;
    return closes === undefined ? null : { depth: closes, closes: true };
  }

  #forget(boundary: string): void {
    const left = this.#depths.get(boundary)?.slice(0, -1) ?? [];
    if (left.length === 0) this.#depths.delete(boundary);
    else this.#depths.set(boundary, left);
  }
}

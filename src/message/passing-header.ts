import { parseHeaderSection } from './header-section.js';
import type { HeaderSection } from './inspection.js';

/** The header section may be longer: what stands beyond is not looked at. */
const LOOKED_AT = 32 * 1024;
const MAX_FIELDS = 1000;
const END = Buffer.from('\r\n\r\n');
const MESSAGE_ID = /(?:^|\r\n)message-id:[ \t]*(?:\r\n[ \t]+)?(<[^<>\r\n]{1,990}>)/i;
const LIST_ID = /(?:^|\r\n)list-id:[^<\r]{0,900}(?:\r\n[ \t][^<\r]{0,900})?<([^<>\r\n]{1,255})>/i;

/** The header section of a message that streams by, at the cost of a look at it. */
export class PassingHeader {
  #chunks: Buffer[] = [];
  #length = 0;
  #octets: Buffer | null = null;

  /** Octets of the message; they must not change afterwards. */
  feed(chunk: Buffer): void {
    if (this.#octets !== null) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length >= LOOKED_AT || chunk.includes(END)) this.#look();
  }

  /** Message-ID (RFC 5322 §3.6.4) with angle brackets; null: none so far. */
  get messageId(): string | null {
    return MESSAGE_ID.exec(this.#text)?.[1] ?? null;
  }

  /** Identifier of the list (RFC 2919) in lower case; null: none so far. */
  get list(): string | null {
    return subscriptionIdIn(LIST_ID.exec(this.#text)?.[1]);
  }

  get section(): HeaderSection {
    return parseHeaderSection(this.#look(), MAX_FIELDS);
  }

  get #text(): string {
    return this.#look().toString('latin1');
  }

  #look(): Buffer {
    if (this.#octets !== null) return this.#octets;
    const octets = Buffer.concat(this.#chunks).subarray(0, LOOKED_AT);
    const end = octets.indexOf(END);
    // A copy: the rest of the message is not to be kept by it.
    this.#octets = Buffer.from(end < 0 ? octets : octets.subarray(0, end + 2));
    this.#chunks = [];
    return this.#octets;
  }
}

/** A list's identifier, or a stream's name, as it is compared: printable ASCII without spaces, in lower case. Null: it is none. */
export function subscriptionIdIn(text: string | undefined): string | null {
  const id = text?.trim().toLowerCase() ?? '';
  return /^[\x21-\x3b\x3d\x3f-\x7e]{1,255}$/.test(id) ? id : null;
}

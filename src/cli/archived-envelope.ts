import { fieldsNamed, firstValue } from '../message/header-fields.js';
import { createInspector } from '../message/inspector.js';
import { mailboxesOf } from '../message/mailbox-list.js';
import type { Address } from '../smtp/address.js';
import { parseAddress } from '../smtp/path.js';
import type { ArchivedMessage } from './archived-mail.js';

export interface Envelope {
  /** Null: the null reverse-path. */
  readonly reversePath: Address | null;
  readonly recipients: readonly Address[];
}

/** Where the delivering system wrote them; the first that is there. */
const RECIPIENT_FIELDS = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to'];

/**
 * The envelope that an archived message had: MAIL FROM from Return-Path, else
 * From; recipients from Delivered-To and its like, else To and Cc.
 */
export function archivedEnvelope({ octets }: ArchivedMessage): Envelope {
  const inspector = createInspector('header');
  for (const chunk of octets) inspector.feed(chunk);
  const { header } = inspector.end();
  const addresses = (key: string) =>
    mailboxesOf(header, key).mailboxes.flatMap(({ address }) => (address === null ? [] : [address]));
  const returnPath = firstValue(header, 'return-path');
  const reversePath =
    returnPath === null ? (addresses('from')[0] ?? null) : returnPath === '<>' ? null : parseAddress(returnPath);
  for (const key of RECIPIENT_FIELDS) {
    const named = fieldsNamed(header, key).flatMap(({ value }) => parseAddress(value) ?? []);
    if (named.length > 0) return { reversePath, recipients: distinct(named) };
  }
  return { reversePath, recipients: distinct([...addresses('to'), ...addresses('cc')]) };
}

function distinct(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((address) => [address.key, address])).values()];
}

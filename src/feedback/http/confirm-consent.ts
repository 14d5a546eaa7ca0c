import type { Consent, Instant, NewConsent, Store } from '../../store/contract.js';
import { consentPage } from '../double-opt-in/consent-page.js';
import { type Invitation, readInvitation } from '../double-opt-in/invitation.js';
import { type Answer, page } from './answer.js';

export interface DoubleOptIn {
  /** Keys of the links, the present one first. */
  readonly keys: readonly string[];
  /** Where recipients reach the listener: part of the evidence. */
  readonly url: string;
  /** What they agree to; `{account}` stands for the account. */
  readonly text: string;
}

export interface ConfirmParts {
  readonly settings: DoubleOptIn;
  readonly store: Pick<Store, 'recordConsents' | 'consentsOf'>;
  readonly confirmed: (consent: NewConsent) => void;
}

export interface ConfirmRequest {
  readonly method: string;
  readonly token: string;
  readonly body: string;
  /** Address of whoever asks. */
  readonly client: string;
  readonly now: Instant;
}

const SOURCE = 'double-opt-in';
const BUTTON = /(?:^|&)consent=confirmed(?:&|$)/;

/**
 * `/c/TOKEN`. GET shows what is agreed to, with one button, and changes nothing;
 * the button records the consent with what proves it. A link counts once: one that
 * was pressed before must not lift a revocation that came since.
 */
export async function answerConfirmation(parts: ConfirmParts, request: ConfirmRequest): Promise<Answer> {
  const { settings } = parts;
  const { method, token, body, now } = request;
  const reading = readInvitation(token, settings.keys, now);
  if (!reading.ok) {
    const isOld = reading.why === 'expired';
    return page(isOld ? 410 : 404, consentPage({ state: isOld ? 'expired' : 'unknown' }));
  }
  const { account, key } = reading.invitation;
  const text = settings.text.replaceAll('{account}', account);
  const named = { address: key, text };
  if (method !== 'POST') return page(200, consentPage({ state: 'asks', ...named }));
  if (!BUTTON.test(body)) return page(400, consentPage({ state: 'asks', ...named }));
  await record(parts, reading.invitation, text, request);
  return page(200, consentPage({ state: 'done', ...named }));
}

async function record(
  { settings, store, confirmed }: ConfirmParts,
  { account, key }: Invitation,
  text: string,
  { token, client, now }: ConfirmRequest,
): Promise<void> {
  const url = `${settings.url}/c/${token}`;
  const [known = null] = await store.consentsOf(account, [key]);
  if (isOf(known, url)) return;
  const ip = client === 'unix' ? null : client;
  const evidence = { ip, url, text, confirmedAt: now, proof: null };
  const consent: NewConsent = { key, account, at: null, source: SOURCE, evidence };
  await store.recordConsents([consent]);
  confirmed(consent);
}

function isOf(known: Consent | null, url: string): boolean {
  return known?.evidence?.url === url;
}

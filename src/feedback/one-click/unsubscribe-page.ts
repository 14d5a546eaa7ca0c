/** What people see who follow an unsubscribe link by hand. */

import { escaped, plainPage } from '../http/plain-page.js';

export type UnsubscribePage =
  | ({ readonly state: 'asks' } & Named)
  | ({ readonly state: 'done' } & Named)
  | { readonly state: 'expired' | 'unknown' | 'unavailable' };

export function unsubscribePage(page: UnsubscribePage): string {
  const { title, body } = CONTENT[page.state](page as never);
  return plainPage(title, body);
}

/** `part`: of which list or stream; null: of all mail of the account. */
type Named = { readonly address: string; readonly account: string; readonly part: string | null };

function whatOf({ account, part }: Named): string {
  return part === null ? `<b>${escaped(account)}</b>` : `<b>${escaped(part)}</b> by <b>${escaped(account)}</b>`;
}

const CONTENT = {
  asks: (named: Named) => ({
    title: 'Unsubscribe',
    body: `<p>No more mail of ${whatOf(named)} to <b>${escaped(named.address)}</b>?</p>
<form method="post"><button name="unsubscribe" value="confirmed">Unsubscribe</button></form>`,
  }),
  done: (named: Named) => ({
    title: 'Unsubscribed',
    body: `<p><b>${escaped(named.address)}</b> gets no more mail of ${whatOf(named)}. What is under way may still arrive within 48 hours.</p>`,
  }),
  expired: () => ({
    title: 'This link is too old',
    body: '<p>Please use the link in a newer mail, or answer it with the word Remove in the subject.</p>',
  }),
  unknown: () => ({
    title: 'This link is not complete',
    body: '<p>Please open it from the mail again, or copy all of it.</p>',
  }),
  unavailable: () => ({
    title: 'Not just now',
    body: '<p>Nothing was changed. Please try again in a few minutes.</p>',
  }),
};

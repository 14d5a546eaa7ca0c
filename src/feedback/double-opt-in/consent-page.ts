import { escaped, plainPage } from '../http/plain-page.js';

/** What people see who follow a confirmation link. */
export type ConsentPage =
  | { readonly state: 'asks' | 'done'; readonly address: string; readonly text: string }
  | { readonly state: 'expired' | 'unknown' | 'unavailable' };

export function consentPage(page: ConsentPage): string {
  switch (page.state) {
    case 'asks':
      return plainPage(
        'Please confirm',
        `<p>${escaped(page.text)}</p>
<form method="post"><button name="consent" value="confirmed">Yes, for ${escaped(page.address)}</button></form>
<p>Whoever did not ask for this need not do anything. When you confirm, this text, the time and your IP address are kept as proof.</p>`,
      );
    case 'done':
      return plainPage(
        'Confirmed',
        `<p>${escaped(page.text)}</p><p>This is recorded for <b>${escaped(page.address)}</b>. Each mail tells how to take it back.</p>`,
      );
    case 'expired':
      return plainPage('This link is too old', '<p>Please ask for a new one where you got it.</p>');
    case 'unknown':
      return plainPage('This link is not complete', '<p>Please open it from the mail again, or copy all of it.</p>');
    case 'unavailable':
      return plainPage('Not just now', '<p>Nothing was recorded. Please try again in a few minutes.</p>');
  }
}

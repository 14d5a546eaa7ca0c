/**
 * What people see who follow an unsubscribe link by hand. No script, no picture,
 * nothing fetched: the page must work in whatever opens it.
 */

export type UnsubscribePage =
  | ({ readonly state: 'asks' } & Named)
  | ({ readonly state: 'done' } & Named)
  | { readonly state: 'expired' | 'unknown' | 'unavailable' };

export function unsubscribePage(page: UnsubscribePage): string {
  const { title, body } = CONTENT[page.state](page as never);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto 0; padding: 0 1rem; }
button { font: inherit; padding: .6rem 1.2rem; }
</style>
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`;
}

/** `list` null: all mail of the account. */
type Named = { readonly address: string; readonly account: string; readonly list: string | null };

function whatOf({ account, list }: Named): string {
  return list === null ? `<b>${escaped(account)}</b>` : `<b>${escaped(list)}</b> by <b>${escaped(account)}</b>`;
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

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}

/** `fetch` refuses a URL with a user and password in it, quoting both. */
export function httpEndpoint(url: string): {
  readonly target: URL;
  readonly authorization: { authorization?: string };
} {
  const target = new URL(url);
  const { username, password } = target;
  if (username === '' && password === '') return { target, authorization: {} };
  target.username = '';
  target.password = '';
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { target, authorization: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } };
}

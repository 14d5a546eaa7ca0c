/**
 * Asks an HTTP endpoint whether a password is right: POST with JSON
 * `{"username", "password", "client"}`. 200 with `{"account": "…"}` accepts, 401
 * and 403 refuse; anything else says nothing about the password.
 */

import { isAccountId } from './account-id.js';
import { httpEndpoint } from './http-endpoint.js';

export interface HttpBackendOptions {
  readonly url: string;
  /** For the whole exchange, ms. */
  readonly timeout: number;
}

export type HttpAnswer =
  | { readonly kind: 'accepted'; readonly account: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unavailable'; readonly cause: unknown };

const MAX_ANSWER_OCTETS = 64 * 1024;

/** Never rejects. `client` is the client's IP address, or `unix`. */
export async function askHttpBackend(
  options: HttpBackendOptions,
  credentials: { readonly username: string; readonly password: string; readonly client: string },
): Promise<HttpAnswer> {
  try {
    return await ask(options, credentials);
  } catch (cause) {
    return { kind: 'unavailable', cause };
  }
}

async function ask({ url, timeout }: HttpBackendOptions, credentials: object): Promise<HttpAnswer> {
  const { target, authorization } = httpEndpoint(url);
  const response = await fetch(target, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization },
    body: JSON.stringify(credentials),
    // A password is not carried to where somebody else points.
    redirect: 'error',
    signal: AbortSignal.timeout(timeout),
  });
  if (response.status !== 200) await response.body?.cancel();
  if (response.status === 401 || response.status === 403) return { kind: 'refused' };
  if (response.status !== 200) throw new Error(`the HTTP endpoint for passwords answered ${response.status}`);
  return { kind: 'accepted', account: accountIn(await readBounded(response)) };
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    octets += chunk.length;
    if (octets > MAX_ANSWER_OCTETS) throw new Error('the HTTP endpoint for passwords answered at too great length');
  }
  return Buffer.concat(chunks).toString('utf8');
}

function accountIn(body: string): string {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw new Error('the HTTP endpoint for passwords answered 200 without JSON');
  }
  const account = typeof answer === 'object' && answer !== null && 'account' in answer ? answer.account : undefined;
  if (typeof account === 'string' && isAccountId(account)) return account;
  throw new Error('the HTTP endpoint for passwords answered 200 without an "account" that is an account id');
}

import type { ServerResponse } from 'node:http';

/** What an HTTP client hears. */
export interface Answer {
  readonly status: number;
  readonly type: 'text/html; charset=utf-8' | 'application/json';
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function page(status: number, body: string): Answer {
  return { status, type: 'text/html; charset=utf-8', body };
}

export function json(status: number, value: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n`, headers };
}

/** `type` is stable, `message` for people, `param` the place in the request. */
export function problem(status: number, type: string, message: string, param: string | null = null): Answer {
  return json(status, { error: { type, message, param } });
}

export function sendAnswer(response: ServerResponse, { status, type, body, headers = {} }: Answer): void {
  response.writeHead(status, {
    ...headers,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
  });
  response.end(body);
}

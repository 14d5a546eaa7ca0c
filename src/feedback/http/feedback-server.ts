import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type OutcomeReport, type ReportAnswer, type Store, StoreUnavailable } from '../../store/contract.js';
import { consentPage } from '../double-opt-in/consent-page.js';
import { unsubscribePage } from '../one-click/unsubscribe-page.js';
import { subscriptionOf } from '../webhook/amazon-ses.js';
import { readOutcomesRequest } from '../webhook/outcomes-request.js';
import { PROVIDERS, type Provider, READER_OF } from '../webhook/providers.js';
import { checkSignature, hasPassword } from '../webhook/signature.js';
import { reportOf } from '../webhook/told-outcome.js';
import { type Answer, json, page, problem, sendAnswer } from './answer.js';
import { BadAttempts } from './bad-attempts.js';
import { boundedBody } from './bounded-body.js';
import { clientOf } from './client-of.js';
import { answerConfirmation, type ConfirmParts, type DoubleOptIn } from './confirm-consent.js';
import { answerEvidence } from './evidence.js';
import { answerUnsubscribe, type UnsubscribeParts } from './unsubscribe.js';

export interface FeedbackHttpSettings {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  /** PEM; null: plain HTTP, for a proxy in front that has TLS. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  /** Keys of unsubscribe links, the present one first; empty: there are none. */
  readonly linkKeys: readonly string[];
  /** Keys of links by which accounts answer cases; empty: there are none. */
  readonly evidenceKeys: readonly string[];
  /** Confirmation links; null: there are none. */
  readonly doubleOptIn: DoubleOptIn | null;
  /** Proxies in front, whose X-Forwarded-For is believed. */
  readonly isProxy: (address: string) => boolean;
  /** Keys that sign `POST /v1/outcomes`; empty: it is not there. */
  readonly apiKeys: readonly string[];
  /** Passwords of `POST /v1/webhooks/NAME`; those without one are not there. */
  readonly webhooks: Readonly<Partial<Record<Provider, string>>>;
}

export interface FeedbackHttpParts {
  readonly settings: FeedbackHttpSettings;
  readonly report: (report: OutcomeReport) => Promise<ReportAnswer>;
  readonly policyOf: UnsubscribeParts['policyOf'];
  readonly store: Pick<Store, 'auditOf' | 'answerAudit'> & ConfirmParts['store'];
  /** Somebody confirmed a consent, for the log. */
  readonly onConsent: ConfirmParts['confirmed'];
  /** What was not genuine, and what nobody could answer, for the log. */
  readonly onRefused: (what: string, client: string) => void;
  readonly onError: (error: unknown, path: string) => void;
  /** An SNS topic waits for somebody to open this URL. */
  readonly onSubscription: (url: string) => void;
}

const MAX_BODY_OCTETS = 2 * 1024 * 1024;
const MAX_EVIDENCE_OCTETS = 512 * 1024;
const MAX_HEADER_OCTETS = 16 * 1024;
const REQUEST_MS = 15_000;
const MAX_CONNECTIONS = 1_000;
/** In a minute, of one client address. */
const MOST_BAD_ATTEMPTS = 60;

/** Unsubscribe and confirmation links, outcomes by API, and providers' webhooks. Behind it everything is idempotent. */
export class FeedbackServer {
  readonly #server: Server;
  readonly #badAttempts = new BadAttempts(MOST_BAD_ATTEMPTS);

  constructor(private readonly parts: FeedbackHttpParts) {
    const options = { maxHeaderSize: MAX_HEADER_OCTETS, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
    const { tls } = parts.settings;
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.#answer(request, response);
    this.#server =
      tls === null
        ? createPlainServer(options, answer)
        : createTlsServer({ ...options, cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' }, answer);
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Rejects when the address cannot be listened on. */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.parts.settings.address, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.parts.onError(error, 'listen'));
        resolve();
      });
    });
  }

  get port(): number | null {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? null : address.port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
      setTimeout(() => this.#server.closeAllConnections(), REQUEST_MS).unref();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy());
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    try {
      const answer = await this.#answerOf(request, path);
      if ([401, 403, 404].includes(answer.status)) this.#refused(request, response, path, answer);
      else sendAnswer(response, answer);
    } catch (error) {
      this.parts.onError(error, path);
      if (response.headersSent) return;
      sendAnswer(response, unavailable(path, error));
    }
  }

  #refused(request: IncomingMessage, response: ServerResponse, path: string, answer: Answer): void {
    const client = clientOf(request, this.parts.settings.isProxy);
    const tooMany = this.#badAttempts.add(client);
    if (!tooMany) this.parts.onRefused(`${answer.status} ${request.method} ${withoutToken(path)}`, client);
    sendAnswer(
      response,
      tooMany ? problem(429, 'too_many_requests', 'too many requests that were not genuine') : answer,
    );
  }

  async #answerOf(request: IncomingMessage, path: string): Promise<Answer> {
    const method = request.method ?? 'GET';
    const { settings, report, policyOf } = this.parts;
    const token = /^\/u\/([^/]+)$/.exec(path)?.[1];
    if (token !== undefined && settings.linkKeys.length > 0) {
      if (!['GET', 'HEAD', 'POST'].includes(method)) return notAllowed('GET, HEAD, POST');
      const body = method === 'POST' ? await boundedBody(request, MAX_BODY_OCTETS) : '';
      if (body === null) return problem(413, 'too_large', `more than ${MAX_BODY_OCTETS} octets`);
      return answerUnsubscribe({ keys: settings.linkKeys, report, policyOf }, { method, token, body, now: Date.now() });
    }
    const evidence = /^\/e\/([^/]+)$/.exec(path)?.[1];
    if (evidence !== undefined && settings.evidenceKeys.length > 0) return this.#evidence(request, method, evidence);
    const invitation = /^\/c\/([^/]+)$/.exec(path)?.[1];
    if (invitation !== undefined && settings.doubleOptIn !== null) {
      return this.#confirmation(request, method, invitation, settings.doubleOptIn);
    }
    if (path === '/v1/outcomes' && settings.apiKeys.length > 0) return this.#outcomes(request, method);
    const provider = PROVIDERS.find((name) => path === `/v1/webhooks/${name}`);
    const password = provider === undefined ? undefined : settings.webhooks[provider];
    if (provider !== undefined && password !== undefined) return this.#webhook(request, method, provider, password);
    return problem(404, 'not_found', 'there is nothing here');
  }

  async #evidence(request: IncomingMessage, method: string, token: string): Promise<Answer> {
    if (!['GET', 'HEAD', 'POST'].includes(method)) return notAllowed('GET, HEAD, POST');
    const body = method === 'POST' ? await boundedBody(request, MAX_EVIDENCE_OCTETS) : '';
    if (body === null) return problem(413, 'too_large', `more than ${MAX_EVIDENCE_OCTETS} octets`);
    const { settings, store } = this.parts;
    const contentType = one(request.headers['content-type']) ?? '';
    return answerEvidence({ keys: settings.evidenceKeys, store }, { method, token, body, contentType });
  }

  async #confirmation(request: IncomingMessage, method: string, token: string, settings: DoubleOptIn): Promise<Answer> {
    if (!['GET', 'HEAD', 'POST'].includes(method)) return notAllowed('GET, HEAD, POST');
    const body = method === 'POST' ? await boundedBody(request, MAX_BODY_OCTETS) : '';
    if (body === null) return problem(413, 'too_large', `more than ${MAX_BODY_OCTETS} octets`);
    const { store, onConsent } = this.parts;
    const client = clientOf(request, this.parts.settings.isProxy);
    return answerConfirmation(
      { settings, store, confirmed: onConsent },
      { method, token, body, client, now: Date.now() },
    );
  }

  async #outcomes(request: IncomingMessage, method: string): Promise<Answer> {
    if (method !== 'POST') return notAllowed('POST');
    const body = await boundedBody(request, MAX_BODY_OCTETS);
    if (body === null) return problem(413, 'too_large', `more than ${MAX_BODY_OCTETS} octets`);
    const header = request.headers['sluice-signature'];
    const check = checkSignature(one(header), body, this.parts.settings.apiKeys, Date.now());
    if (check !== 'good') return problem(401, 'bad_signature', `Sluice-Signature is ${check}`, 'Sluice-Signature');
    const parsed = parsedJson(body);
    if (parsed === undefined) return problem(400, 'invalid_request', 'the body is not JSON');
    const read = readOutcomesRequest(parsed);
    if (!read.ok) return problem(400, 'invalid_request', read.message, read.param);
    const results: ReportAnswer[] = [];
    for (const report of read.reports) results.push(await this.parts.report(report));
    return json(200, { results });
  }

  async #webhook(request: IncomingMessage, method: string, provider: Provider, password: string): Promise<Answer> {
    if (method !== 'POST') return notAllowed('POST');
    if (!hasPassword(request.headers.authorization, password)) {
      const answer = problem(401, 'bad_credentials', 'HTTP Basic authentication with the password of this webhook');
      return { ...answer, headers: { 'www-authenticate': 'Basic realm="sluice"' } };
    }
    const body = await boundedBody(request, MAX_BODY_OCTETS);
    if (body === null) return problem(413, 'too_large', `more than ${MAX_BODY_OCTETS} octets`);
    const parsed = parsedJson(body);
    if (parsed === undefined) return problem(400, 'invalid_request', 'the body is not JSON');
    const subscription = provider === 'ses' ? subscriptionOf(parsed) : null;
    if (subscription !== null) this.parts.onSubscription(subscription);
    const counts = { counted: 0, known: 0, unmatched: 0 };
    for (const told of READER_OF[provider](parsed)) {
      const report = reportOf(told, 'webhook');
      if (report !== null) counts[(await this.parts.report(report)).result] += 1;
    }
    return json(200, counts);
  }
}

function unavailable(path: string, error: unknown): Answer {
  if (path.startsWith('/u/')) return page(503, unsubscribePage({ state: 'unavailable' }));
  if (path.startsWith('/c/')) return page(503, consentPage({ state: 'unavailable' }));
  const why = error instanceof StoreUnavailable ? 'the store does not answer' : 'this could not be done; see the log';
  return { ...problem(503, 'unavailable', `${why}; please try again`), headers: { 'retry-after': '60' } };
}

function notAllowed(allow: string): Answer {
  return { ...problem(405, 'method_not_allowed', `expected ${allow}`), headers: { allow } };
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whoever reads a genuine token in the log could act for whom it is for. */
function withoutToken(path: string): string {
  return path.replace(/^\/([uec])\/.*/s, '/$1/…').slice(0, 100);
}

import { Resolver } from 'node:dns/promises';
import { ExpiringMap } from './expiring-map.js';

export interface ResolverOptions {
  /** `host:port` of name servers; empty: those of the system. */
  readonly servers: readonly string[];
  /** For one question, ms. */
  readonly timeoutMs: number;
  /** How long an answer is kept, ms; that there is nothing, a fifth as long. */
  readonly cacheForMs: number;
  readonly cacheSize: number;
  /** So many questions at once; more get no answer. */
  readonly mostAtOnce: number;
}

/** `none`: the name or the record does not exist. `failed`: nobody knows. */
export type DnsAnswer<T> =
  | { readonly kind: 'found'; readonly records: readonly T[] }
  | { readonly kind: 'none'; readonly noSuchName: boolean }
  | { readonly kind: 'failed'; readonly why: string };

const FAILURE_KEPT_MS = 5_000;

/** Questions to the DNS: cached, bounded in number, answered within the time limit. Never rejects. */
export class DnsResolver {
  readonly #resolver: Resolver;
  readonly #known: ExpiringMap<DnsAnswer<unknown>>;
  readonly #asked = new Map<string, Promise<DnsAnswer<unknown>>>();

  constructor(private readonly options: ResolverOptions) {
    const { servers, timeoutMs, cacheSize } = options;
    this.#resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
    if (servers.length > 0) this.#resolver.setServers(servers);
    this.#known = new ExpiringMap(cacheSize);
  }

  /** Names of mail exchangers, the preferred first. A null MX (RFC 7505) is the empty name. */
  mx(domain: string): Promise<DnsAnswer<string>> {
    return this.#ask(`MX ${domain}`, async () => {
      const records = await this.#resolver.resolveMx(domain);
      return records.sort((one, other) => one.priority - other.priority).map(({ exchange }) => exchange);
    });
  }

  ipv4(name: string): Promise<DnsAnswer<string>> {
    return this.#ask(`A ${name}`, () => this.#resolver.resolve4(name));
  }

  ipv6(name: string): Promise<DnsAnswer<string>> {
    return this.#ask(`AAAA ${name}`, () => this.#resolver.resolve6(name));
  }

  async #ask<T>(question: string, ask: () => Promise<readonly T[]>): Promise<DnsAnswer<T>> {
    const known = this.#known.get(question) ?? this.#asked.get(question);
    if (known !== undefined) return (await known) as DnsAnswer<T>;
    if (this.#asked.size >= this.options.mostAtOnce) return { kind: 'failed', why: 'too many questions at once' };
    const answer = this.#answered(ask);
    this.#asked.set(question, answer);
    const heard = await answer;
    this.#asked.delete(question);
    this.#known.set(question, heard, this.#keptFor(heard));
    return heard;
  }

  async #answered<T>(ask: () => Promise<readonly T[]>): Promise<DnsAnswer<T>> {
    // c-ares doubles its own limit for each server; this is for all of them.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<DnsAnswer<T>>((resolve) => {
      const why = `no answer within ${this.options.timeoutMs} ms`;
      timer = setTimeout(() => resolve({ kind: 'failed', why }), this.options.timeoutMs);
    });
    const answer = ask().then(found, failed<T>);
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #keptFor({ kind }: DnsAnswer<unknown>): number {
    const { cacheForMs } = this.options;
    if (kind === 'found') return cacheForMs;
    return kind === 'none' ? cacheForMs / 5 : Math.min(FAILURE_KEPT_MS, cacheForMs);
  }
}

function found<T>(records: readonly T[]): DnsAnswer<T> {
  return records.length > 0 ? { kind: 'found', records } : { kind: 'none', noSuchName: false };
}

function failed<T>(error: unknown): DnsAnswer<T> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'ENOTFOUND') return { kind: 'none', noSuchName: true };
  if (code === 'ENODATA') return { kind: 'none', noSuchName: false };
  return { kind: 'failed', why: code === 'ETIMEOUT' ? 'no answer in time' : code.toLowerCase() };
}

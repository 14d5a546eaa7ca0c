import type { Instant, StoreTimes } from '../contract.js';

export interface RedisTls {
  /** PEM. Absent: the system's certificate authorities. */
  readonly ca?: string;
  /** Client certificate and key, PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** Name that the certificate must carry, when it is not the host's. */
  readonly servername?: string;
}

export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: RedisTls;
}

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** `redis://`, `rediss://`; the URL's user and password count unless given beside it. */
export interface UrlConnection extends RedisLogin {
  readonly url: string;
}

export interface SocketConnection extends RedisLogin {
  readonly socketPath: string;
  readonly db?: number;
}

export interface HostConnection extends RedisLogin, RedisAddress {
  readonly db?: number;
}

export interface SentinelConnection extends RedisLogin {
  readonly sentinels: readonly RedisAddress[];
  /** The master's name in the sentinels' configuration. */
  readonly name: string;
  readonly sentinelPassword?: string;
  readonly db?: number;
}

export interface ClusterConnection extends RedisLogin {
  /** Nodes to start from; the others are learnt. */
  readonly cluster: readonly RedisAddress[];
}

export type RedisConnection =
  | UrlConnection
  | SocketConnection
  | HostConnection
  | SentinelConnection
  | ClusterConnection;

export interface RedisStoreOptions {
  readonly connection: RedisConnection;
  /** Before every key; without braces, which would change hash tags. Default `sluice:`. */
  readonly keyPrefix?: string;
  readonly times: StoreTimes;
  /** What went wrong on the connection, for the log. */
  readonly onConnectionError?: (error: Error) => void;
  /** For tests alone: an instant that takes the place of Redis' own clock. */
  readonly testClock?: () => Instant;
}

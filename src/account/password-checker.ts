/**
 * Checks passwords against hashes without letting a flood of AUTH take the
 * process: few hashes at once, a bounded queue for the rest, and a short memory
 * of what was right, so that clients with one message a connection do not pay
 * for a hash each time.
 */

import { createHmac, randomBytes } from 'node:crypto';
import { verifyPassword } from './password.js';

export interface PasswordChecker {
  /**
   * False: wrong. `hash` null: nobody of that name; takes as long as a wrong
   * password, so that the time tells no username. Rejects with HashingOverload
   * when too many wait, and with RangeError for a hash that cannot be read.
   */
  check(username: string, password: string, hash: string | null): Promise<boolean>;
}

export class HashingOverload extends Error {
  readonly code = 'HASHING_OVERLOAD';
  constructor(waited: string) {
    super(`passwords cannot be checked at the moment: ${waited}`);
    this.name = 'HashingOverload';
  }
}

export interface PasswordCheckerOptions {
  /** A hash like those of the users, for unknown usernames. */
  readonly decoy: string;
}

/** Node's thread pool has four threads, which files and name look-ups need too. */
const AT_ONCE = 2;
const MOST_WAITING = 200;
/** Clients give up on AUTH after a few minutes, people much earlier. */
const LONGEST_WAIT_MS = 15_000;

const REMEMBER_MS = 2 * 60_000;
const MOST_REMEMBERED = 10_000;

export function createPasswordChecker({ decoy }: PasswordCheckerOptions): PasswordChecker {
  const queue = new HashingQueue();
  const verified = new VerifiedPasswords();
  return {
    async check(username, password, hash) {
      if (hash === null) {
        await queue.run(() => verifyPassword(password, decoy));
        return false;
      }
      const key = verified.keyOf(username, password, hash);
      if (verified.has(key)) return true;
      const right = await queue.run(() => verifyPassword(password, hash));
      if (right) verified.add(key);
      return right;
    },
  };
}

class HashingQueue {
  #running = 0;
  readonly #waiting = new Set<() => void>();

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await this.#turn();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  /** Hands the place over to who waits longest, if anyone does. */
  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) this.#running -= 1;
    else first();
  }

  #turn(): Promise<void> {
    if (this.#waiting.size >= MOST_WAITING) return Promise.reject(new HashingOverload(`${MOST_WAITING} are waiting`));
    return new Promise((resolve, reject) => {
      const start = () => {
        this.#waiting.delete(start);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(start);
        reject(new HashingOverload(`no turn within ${LONGEST_WAIT_MS / 1000} s`));
      }, LONGEST_WAIT_MS);
      this.#waiting.add(start);
    });
  }
}

/**
 * Neither passwords nor anything that could be tried offline is kept: only
 * HMACs by a key that dies with the process. The stored hash is part of what is
 * signed, so a changed password is forgotten at once.
 */
class VerifiedPasswords {
  readonly #secret = randomBytes(32);
  /** Expiry by key, in the order of expiry. */
  readonly #expiries = new Map<string, number>();

  keyOf(...parts: readonly string[]): string {
    return createHmac('sha256', this.#secret).update(JSON.stringify(parts)).digest('base64');
  }

  has(key: string): boolean {
    const expiry = this.#expiries.get(key);
    return expiry !== undefined && expiry > performance.now();
  }

  add(key: string): void {
    this.#expiries.delete(key);
    this.#expiries.set(key, performance.now() + REMEMBER_MS);
    for (const [oldest, expiry] of this.#expiries) {
      if (this.#expiries.size <= MOST_REMEMBERED && expiry > performance.now()) break;
      this.#expiries.delete(oldest);
    }
  }
}

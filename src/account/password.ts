/**
 * Password hashes: scrypt is written, scrypt, argon2 and bcrypt are read.
 * scrypt as a PHC string, `$scrypt$ln=15,r=8,p=1$salt$hash`, base64 without
 * padding, as other tools write it too.
 */

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';

/** 32 MiB and about 60 ms a password: as much as a mail server can pay at each login (RFC 7914 §2). */
const LN = 15;
const R = 8;
const P = 1;
const SALT_OCTETS = 16;
const HASH_OCTETS = 32;

/** A hash that asks for more memory or time than this is a slip or an attack. */
const MAX_MEMORY = 256 * 1024 ** 2;
const MAX_BCRYPT_COST = 15;
const MAX_ARGON2_PASSES = 20;
const MAX_SCRYPT_P = 16;

const SCRYPT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{1,128})={0,2}\$([A-Za-z0-9+/]{22,128})={0,2}$/;
const ARGON2 =
  /^\$argon2(?:id|i|d)\$(?:v=\d{1,3}\$)?m=(\d{1,9}),t=(\d{1,4}),p=\d{1,3}\$[A-Za-z0-9+/]{11,128}\$[A-Za-z0-9+/]{16,128}$/;
const BCRYPT = /^\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** What is wrong with a hash, in words that do not show it; null: it can be verified. */
export function hashProblem(hash: string): string | null {
  const scryptParts = SCRYPT.exec(hash);
  if (scryptParts !== null)
    return scryptProblem(Number(scryptParts[1]), Number(scryptParts[2]), Number(scryptParts[3]));
  const argon2Parts = ARGON2.exec(hash);
  if (argon2Parts !== null) {
    const costly = Number(argon2Parts[1]) * 1024 > MAX_MEMORY || Number(argon2Parts[2]) > MAX_ARGON2_PASSES;
    return costly ? 'an argon2 hash that asks for too much memory or time' : null;
  }
  const bcryptParts = BCRYPT.exec(hash);
  if (bcryptParts !== null) {
    const cost = Number(bcryptParts[1]);
    return cost < 4 || cost > MAX_BCRYPT_COST ? `a bcrypt hash of cost ${cost}` : null;
  }
  const scheme = /^\$([a-z0-9-]{1,16})\$/i.exec(hash)?.[1];
  return scheme === undefined ? 'something that is no password hash' : `a malformed or unknown hash (${scheme})`;
}

function scryptProblem(ln: number, r: number, p: number): string | null {
  if (ln < 1 || r < 1 || p < 1) return 'a scrypt hash with parameters of zero';
  const costly = 128 * r * 2 ** ln > MAX_MEMORY || p > MAX_SCRYPT_P;
  return costly ? 'a scrypt hash that asks for too much memory or time' : null;
}

/** A new scrypt hash with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_OCTETS);
  const hash = await derive(password, salt, HASH_OCTETS, { N: 2 ** LN, r: R, p: P });
  return `$scrypt$ln=${LN},r=${R},p=${P}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Throws RangeError for a hash that `hashProblem` objects to. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const problem = hashProblem(hash);
  if (problem !== null) throw new RangeError(`the password hash is ${problem}`);
  if (hash.startsWith('$argon2')) return verifyArgon2(hash, password);
  if (hash.startsWith('$2')) return verifyBcrypt(password, hash);
  return verifyScrypt(password, hash);
}

async function verifyScrypt(password: string, hash: string): Promise<boolean> {
  const [, ln, r, p, salt = '', wanted = ''] = SCRYPT.exec(hash) ?? [];
  const expected = Buffer.from(wanted, 'base64');
  const options = { N: 2 ** Number(ln), r: Number(r), p: Number(p) };
  const derived = await derive(password, Buffer.from(salt, 'base64'), expected.length, options);
  return timingSafeEqual(derived, expected);
}

function derive(password: string, salt: Buffer, octets: number, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // OpenSSL needs a little more than 128·N·r.
    scrypt(password, salt, octets, { ...options, maxmem: 2 * MAX_MEMORY }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function unpadded(octets: Buffer): string {
  return octets.toString('base64').replace(/=+$/, '');
}

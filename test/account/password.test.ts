import t from 'tap';
import { hashPassword, hashProblem, verifyPassword } from '../../src/account/password.js';
import { createPasswordChecker } from '../../src/account/password-checker.js';
import fc from '../support/property.js';

/** What other tools wrote. */
const FOREIGN: readonly (readonly [tool: string, password: string, hash: string])[] = [
  [
    'passlib, scrypt',
    'password',
    '$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E',
  ],
  [
    'Python hashlib, scrypt',
    'correct horse',
    '$scrypt$ln=14,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$0LupyHkzAIgDr9UDsriAAf87vMbCbcaUfDvFOAHk0D0',
  ],
  [
    'the argon2 reference, argon2id',
    'password',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ],
  [
    'the argon2 reference, argon2i',
    'password',
    '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA',
  ],
  ['libxcrypt, bcrypt 2b', 'correct horse', '$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2'],
  ['libxcrypt, bcrypt 2y', 'correct horse', '$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2'],
];

t.test('hashes of other tools are read', async (t) => {
  for (const [tool, password, hash] of FOREIGN) {
    t.equal(hashProblem(hash), null, tool);
    t.equal(await verifyPassword(password, hash), true, tool);
    t.equal(await verifyPassword(`${password}x`, hash), false, tool);
    t.equal(await verifyPassword('', hash), false, tool);
  }
});

t.test('our own hashes are scrypt, each with its salt', async (t) => {
  const [one, other] = await Promise.all([hashPassword('pässword ☃'), hashPassword('pässword ☃')]);
  t.match(one, /^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  t.not(one, other);
  t.ok(await verifyPassword('pässword ☃', one));
  t.notOk(await verifyPassword('password ☃', one));
});

t.test('hashes that cannot be read, or cost too much, are refused and not shown', async (t) => {
  const bad = [
    '',
    'secret',
    '{SSHA}c2VjcmV0',
    '$1$abcdefgh$aaaaaaaaaaaaaaaaaaaaaa',
    '$6$abcdefgh$secret',
    '$scrypt$ln=30,r=8,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$ln=0,r=8,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$ln=15,r=8,p=99$AAAA$AAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$ln=15,r=8,p=1$AAAA$secret',
    '$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=65536,t=999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$2b$31$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2',
    '$2b$05$short',
  ];
  for (const hash of bad) {
    const problem = hashProblem(hash);
    t.ok(problem, hash);
    t.notMatch(problem, 'secret');
    await t.rejects(verifyPassword('secret', hash), RangeError);
  }
  fc.assert(fc.property(fc.string(), (text) => hashProblem(text) !== null));
});

t.test('the checker', async (t) => {
  const [, password = '', hash = ''] = FOREIGN[4] ?? [];
  const checker = createPasswordChecker({ decoy: hash });
  t.equal(await checker.check('anna', password, hash), true);
  t.equal(await checker.check('anna', password, hash), true, 'remembered');
  t.equal(await checker.check('anna', 'wrong', hash), false, 'what is remembered is this password');
  t.equal(await checker.check('berta', 'wrong', hash), false);
  t.equal(await checker.check('anna', password, FOREIGN[1]?.[2] ?? ''), true, 'the same password with a new hash');
  t.equal(
    await checker.check('anna', password, FOREIGN[0]?.[2] ?? ''),
    false,
    'a changed password is forgotten at once',
  );
  t.equal(await checker.check('nobody', password, null), false, 'not even the password of the decoy lets anyone in');
  await t.rejects(checker.check('anna', password, 'broken'), RangeError);
  t.equal(await checker.check('anna', password, hash), true, 'a broken hash frees its place in the queue');
});

t.test('a flood waits in a bounded queue, and the rest is told at once', async (t) => {
  const hash = FOREIGN[4]?.[2] ?? '';
  const checker = createPasswordChecker({ decoy: hash });
  const answers = await Promise.allSettled(
    Array.from({ length: 300 }, (_, i) => checker.check(`u${i}`, 'wrong', hash)),
  );
  const refused = answers.filter(({ status }) => status === 'rejected');
  t.equal(refused.length, 300 - 202);
  for (const answer of refused) t.match(answer, { reason: { code: 'HASHING_OVERLOAD' } });
  t.equal(await checker.check('anna', 'correct horse', hash), true, 'afterwards all is well');
});

t.test('unknown usernames go the same way as known ones, hash and queue', async (t) => {
  const checker = createPasswordChecker({ decoy: FOREIGN[4]?.[2] ?? '' });
  const answers = await Promise.allSettled(Array.from({ length: 300 }, (_, i) => checker.check(`u${i}`, 'x', null)));
  t.equal(answers.filter(({ status }) => status === 'rejected').length, 300 - 202);
  const broken = createPasswordChecker({ decoy: 'no hash' });
  await t.rejects(broken.check('nobody', 'x', null), RangeError, 'the decoy is really tried');
});

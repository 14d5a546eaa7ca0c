import fc from 'fast-check';
import t from 'tap';
import { readLink, signLink } from '../../../src/feedback/one-click/link-token.js';

const KEY = 'a key of at least 16 characters';
const NOW = Date.UTC(2026, 10, 26);
const claim = { account: 'acme', key: 'bob@example.net', expiresAt: NOW + 86_400_000 };

t.test('a link says what it was made of, until it expires', async (t) => {
  const token = signLink(claim, KEY);
  t.match(token, /^[\w-]+\.[\w-]{22}$/, 'fit for a URL as it is');
  t.same(readLink(token, [KEY], NOW), { ok: true, claim });
  t.same(readLink(token, [KEY], claim.expiresAt), { ok: false, why: 'expired' });
});

t.test('a new key in front leaves old links good', async (t) => {
  const token = signLink(claim, KEY);
  t.equal(readLink(token, ['another key, the present one', KEY], NOW).ok, true);
  t.same(readLink(token, ['another key, the present one'], NOW), { ok: false, why: 'forged' });
});

t.test('any address and account comes back', async () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!-~]{1,128}$/), fc.string({ minLength: 1, maxLength: 120 }), (account, local) => {
      const said = { account, key: `${local}@example.net`, expiresAt: NOW + 1000 };
      const read = readLink(signLink(said, KEY), [KEY], NOW);
      return read.ok && read.claim.account === account && read.claim.key === Buffer.from(said.key).toString();
    }),
  );
});

t.test('no changed character passes', async () => {
  const token = signLink(claim, KEY);
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'ABCDwxyz0189-_.'), (at, char) => {
      const changed = token.slice(0, at) + char + token.slice(at + 1);
      const read = readLink(changed, [KEY], NOW);
      // The last character of 22 carries two bits that decode to nothing.
      return (
        changed === token ||
        !read.ok ||
        Buffer.from(changed.slice(-22), 'base64url').equals(Buffer.from(token.slice(-22), 'base64url'))
      );
    }),
  );
});

t.test('garbage is no link', async () => {
  fc.assert(fc.property(fc.string({ maxLength: 2000 }), (garbage) => !readLink(garbage, [KEY], NOW).ok));
});

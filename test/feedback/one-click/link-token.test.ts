import t from 'tap';
import { readLink, signLink } from '../../../src/feedback/one-click/link-token.js';
import { signToken } from '../../../src/feedback/signed-token.js';
import fc from '../../support/property.js';

const KEY = 'a key of at least 16 characters';
const NOW = Date.UTC(2026, 10, 26);
const claim = { account: 'acme', key: 'bob@example.net', list: null, stream: null, expiresAt: NOW + 86_400_000 };

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

t.test('any address, account, list and stream comes back', async () => {
  const lists = fc.option(fc.stringMatching(/^[a-z0-9.-]{1,100}$/));
  const streams = fc.option(fc.stringMatching(/^[a-z0-9:-]{1,100}$/));
  const locals = fc.oneof(fc.string({ minLength: 1, maxLength: 120 }), fc.constant('<news.example> bob'));
  fc.assert(
    fc.property(fc.stringMatching(/^[!-~]{1,128}$/), locals, lists, streams, (account, local, list, stream) => {
      const said = { account, key: `${local}@example.net`, list, stream, expiresAt: NOW + 1000 };
      const read = readLink(signLink(said, KEY), [KEY], NOW);
      if (!read.ok || read.claim.list !== list || read.claim.stream !== stream) return false;
      return read.claim.account === account && read.claim.key === Buffer.from(said.key).toString();
    }),
  );
});

t.test('links that were made before there were streams are read', async (t) => {
  const old = signToken('zzzzzzz acme <news.example> bob@example.net', 'one-click unsubscribe 1', KEY);
  t.match(readLink(old, [KEY], NOW), { claim: { key: 'bob@example.net', list: 'news.example', stream: null } });
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

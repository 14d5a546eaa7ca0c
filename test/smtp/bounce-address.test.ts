import t from 'tap';
import { type BounceAddressSettings, readBounceAddress, signBounceAddress } from '../../src/smtp/bounce-address.js';
import { parseAddress } from '../../src/smtp/path.js';
import fc from '../support/property.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-26T12:00:00Z');
const SETTINGS: BounceAddressSettings = {
  domain: 'bounces.example',
  localPart: 'bounce',
  keys: ['0123456789abcdef'],
  validForMs: 14 * DAY,
};
const ID = '01i9j2k3l4m5n6o7p.1';

t.test('a signed address names its transaction, in any case of letters, until it expires', async (t) => {
  const address = signBounceAddress(ID, SETTINGS, NOW);
  t.match(address, /^bounce\+01i9j2k3l4m5n6o7p\.1=[a-z0-9]+=[0-9a-v]{16}@bounces\.example$/);
  t.ok((address.split('@')[0] ?? '').length <= 64, 'RFC 5321 §4.5.3.1.1');
  t.equal(parseAddress(address)?.spelling, address, 'an address like any other');
  t.same(readBounceAddress(address, SETTINGS, NOW), { ok: true, transaction: ID });
  t.same(readBounceAddress(address.toUpperCase(), SETTINGS, NOW + 14 * DAY), { ok: true, transaction: ID });
  t.same(readBounceAddress(address, SETTINGS, NOW + 16 * DAY), { ok: false, why: 'expired' });
});

t.test('keys are changed by putting a new one in front', async (t) => {
  const old = signBounceAddress(ID, SETTINGS, NOW);
  const both = { ...SETTINGS, keys: ['another key of 23 chars', ...SETTINGS.keys] };
  t.match(readBounceAddress(old, both, NOW), { ok: true });
  t.match(readBounceAddress(signBounceAddress(ID, both, NOW), both, NOW), { ok: true });
  t.match(readBounceAddress(signBounceAddress(ID, both, NOW), SETTINGS, NOW), { ok: false, why: 'forged' });
});

t.test('whatever is changed proves nothing', async (t) => {
  const address = signBounceAddress(ID, SETTINGS, NOW);
  t.match(readBounceAddress('anna@bounces.example', SETTINGS, NOW), { why: 'not-ours' });
  t.match(readBounceAddress(address.replace('@bounces', '@other'), SETTINGS, NOW), { why: 'not-ours' });
  t.match(readBounceAddress(address.replace('.1=', '.2='), SETTINGS, NOW), { why: 'forged' });
  fc.assert(
    fc.property(fc.nat(address.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, put) => {
      const changed = `${address.slice(0, at)}${put}${address.slice(at + 1)}`;
      if (changed.toLowerCase() === address) return true;
      return !readBounceAddress(changed, SETTINGS, NOW).ok;
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => !readBounceAddress(text, SETTINGS, NOW).ok));
});

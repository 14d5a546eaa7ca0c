import fc from 'fast-check';
import t from 'tap';
import { redactAddresses } from '../../src/telemetry/redaction.js';

t.test('the same mailbox has one pseudonym, whatever its spelling', async (t) => {
  const plain = redactAddresses('bob@example.net');
  t.match(plain, /^~[0-9a-f]{12}@example\.net$/);
  t.equal(redactAddresses('BOB@example.net'), plain);
  t.equal(redactAddresses('"bob"@example.net'), plain);
  t.not(redactAddresses('bob@example.org').slice(0, 13), plain.slice(0, 13));
  t.equal(redactAddresses('<bob@example.net>: unknown'), `<${plain}>: unknown`);
});

t.test('what is no mailbox stays', async (t) => {
  for (const text of ['', 'postmaster', 'a @ b', '@example.net', 'foo@', '250 2.0.0 Ok: queued as 4abc']) {
    t.equal(redactAddresses(text), text);
  }
});

t.test('no local part survives, and hostile text takes no time', async (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]{13,40}$/), fc.string(), fc.string(), (local, before, after) => {
      const shown = redactAddresses(`${before.replaceAll('"', '')} <${local}@example.com> ${after}`);
      return !shown.includes(`${local}@`);
    }),
  );
  for (const unit of ['a', '"', '"a"', 'a@', '\\"', '<@']) {
    t.type(redactAddresses(unit.repeat(50_000 / unit.length)), 'string', JSON.stringify(unit));
  }
});

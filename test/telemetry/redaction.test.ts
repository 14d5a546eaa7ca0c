import t from 'tap';
import { redactAddresses, redactLocalPart } from '../../src/telemetry/redaction.js';
import fc from '../support/property.js';

t.test('the same mailbox has one pseudonym, whatever its spelling', async (t) => {
  const plain = redactAddresses('bob@example.net');
  t.match(plain, /^~[0-9a-f]{12}@example\.net$/);
  t.equal(redactAddresses('BOB@example.net'), plain);
  t.equal(redactAddresses('"bob"@example.net'), plain);
  t.not(redactAddresses('bob@example.org').slice(0, 13), plain.slice(0, 13));
  t.equal(redactAddresses('<bob@example.net>: unknown'), `<${plain}>: unknown`);
});

t.test('an apostrophe is a quote around a mailbox, and a letter within', async (t) => {
  t.match(redactAddresses("o'neill@example.net"), /^~[0-9a-f]{12}@example\.net$/);
  t.equal(redactAddresses("'bob@example.net'"), `'${redactAddresses('bob@example.net')}'`);
});

t.test('a local part without its domain', async (t) => {
  const name = redactAddresses('Jane.Doe@example.net').replace('@example.net', '');
  const hidden = (text: string) => redactLocalPart(text, 'jane.doe@example.net');
  t.equal(hidden('550 5.1.1 Jane.Doe: user unknown'), `550 5.1.1 ${name}: user unknown`);
  t.equal(hidden('550 5.1.1 "jane.doe" is not here'), `550 5.1.1 "${name}" is not here`);
  t.equal(hidden('550 mary.jane.doe, jane.does, jane.doe@x'), '550 mary.jane.doe, jane.does, jane.doe@x');
  t.equal(redactLocalPart('550 5.1.1 no such user', '550@example.net'), '550 5.1.1 no such user', 'not the code');
  t.equal(redactLocalPart('550 5.1.1 a user', 'a@example.net'), '550 5.1.1 a user', 'too short to be told apart');
  t.equal(redactLocalPart('250 x', ''), '250 x', 'the null reverse-path has none');
  fc.assert(
    fc.property(fc.stringMatching(/^[!-?A-~]{3,20}$/), (local) => {
      const text = redactLocalPart(`550 5.1.1 <${local}> unknown`, `${local}@example.net`);
      return local.startsWith('"') || text.startsWith('550 5.1.1 <~');
    }),
  );
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
  for (const unit of ['a', '"', '"a"', 'a@', '\\"', '<@', "a'", "'"]) {
    t.type(redactAddresses(unit.repeat(50_000 / unit.length)), 'string', JSON.stringify(unit));
  }
});

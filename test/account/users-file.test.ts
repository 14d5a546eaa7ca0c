import t from 'tap';
import { isAccountId } from '../../src/account/account-id.js';
import { parseUsers } from '../../src/account/users-file.js';
import fc from '../support/property.js';

const HASH = '$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2';

t.test('usernames, hashes and accounts', async (t) => {
  const { users, errors } = parseUsers(
    `\ufeff# our users\n\nanna@acme.example:${HASH}:acme\r\nrobot:${HASH}\nodd:${HASH}:a:b\n`,
  );
  t.same(errors, []);
  t.same(
    [...users],
    [
      ['anna@acme.example', { hash: HASH, account: 'acme' }],
      ['robot', { hash: HASH, account: 'robot' }],
      ['odd', { hash: HASH, account: 'a:b' }],
    ],
  );
});

t.test('each bad line is told, the good ones are kept', async (t) => {
  const { users, errors } = parseUsers(
    [`anna:${HASH}`, 'nothing', `:${HASH}`, 'berta:hunter2', `anna:${HASH}`, `carl:${HASH}:a b`, `d e:${HASH}`].join(
      '\n',
    ),
  );
  t.same([...users.keys()], ['anna']);
  t.match(errors, [
    { line: 2, column: 1, found: 'no colon' },
    { line: 3, column: 1, found: 'no username' },
    { line: 4, column: 7, found: 'something that is no password hash' },
    { line: 5, column: 1, found: '"anna" again, after line 1' },
    { line: 6, column: HASH.length + 7, found: '"a b"', expected: /^an account id/ },
    { line: 7, column: 1, found: '"d e"' },
  ]);
  t.equal(errors.length, 6);
  t.notMatch(JSON.stringify(errors), 'hunter2');
});

t.test('any text', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const lines = text.split('\n').length;
      for (const { line } of parseUsers(text).errors) if (line < 1 || line > lines) throw new Error(`line ${line}`);
    }),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[^:\s#\ufeff]+$/), fc.stringMatching(/^[!-z]{1,128}$/), (username, account) => {
      const { users } = parseUsers(`${username}:${HASH}:${account}\n`);
      return users.get(username)?.account === account && isAccountId(account);
    }),
  );
});

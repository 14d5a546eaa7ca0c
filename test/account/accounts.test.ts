import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type AccountsOptions, type AccountsSources, createAccounts } from '../../src/account/accounts.js';
import type { Connection } from '../../src/account/contract.js';
import { StoreUnavailable } from '../../src/store/contract.js';

/** Of `correct horse`. */
const HASH = '$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2';
const PASSWORD = 'correct horse';

const CLIENT: Connection = { address: '192.0.2.9', certificate: null, login: null, mta: null, listener: 'a' };

const NOBODY: AccountsSources = {
  credentialOf: async () => null,
  relayLogin: async () => 'refused',
};

function accountsOf(
  identify: AccountsOptions['identify'],
  sources: Partial<AccountsSources> = {},
  more: Partial<AccountsOptions> = {},
) {
  return createAccounts({ identify, unknown: 'refuse', list: {}, ...more }, { ...NOBODY, ...sources });
}

function usersFile(t: Test, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-users-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'users.txt'), text);
  return join(folder, 'users.txt');
}

async function httpBackend(t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth`;
}

t.test('what an MTA says of its client', async (t) => {
  const from = (login: string | null, daemon: string | null = null) => ({ ...CLIENT, mta: { login, daemon } });
  const mta = { mta: { accounts: { 'anna@acme.example': 'acme' } } };
  const daemon = { daemon: { submission: 'house' } };
  t.match(accountsOf([mta]).identify(from('bob')), { account: 'bob', username: 'bob', by: 'mta' });
  t.match(accountsOf([mta]).identify(from('anna@acme.example')), { account: 'acme', username: 'anna@acme.example' });
  t.equal(accountsOf([mta]).identify(from('not an id')), null);
  t.equal(accountsOf([mta]).identify(from('constructor'))?.account, 'constructor', 'no property of every object');
  t.equal(accountsOf([mta]).identify(from(null)), null);
  t.equal(accountsOf([mta]).identify({ ...CLIENT, login: 'bob' }), null, "XCLIENT is not the MTA's word");
  t.equal(accountsOf([{ xclient: {} }]).identify(from('bob')), null, 'nor the other way round');
  t.match(accountsOf([mta, daemon]).identify(from(null, 'submission')), { account: 'house', by: 'daemon' });
  t.match(accountsOf([daemon, mta]).identify(from('bob', 'smtp')), { account: 'bob', by: 'mta' });
});

t.test('the first clue of the list that matches wins', async (t) => {
  const certificate = {
    fingerprint256: Array.from({ length: 32 }, () => 'AB').join(':'),
    subject: 'CN=robot, O=Acme',
    emails: ['Robot@Acme.example'],
  };
  const byAddress = { address: { '192.0.2.0/24': 'net' } };
  const byLogin = { xclient: {} };
  const both = { ...CLIENT, login: 'anna' };
  t.match(accountsOf([byAddress, byLogin]).identify(both), { account: 'net', username: null, by: 'address' });
  t.match(accountsOf([byLogin, byAddress]).identify(both), { account: 'anna', username: 'anna', by: 'xclient' });
  t.match(accountsOf([byLogin, byAddress]).identify(CLIENT), { account: 'net' });
  t.equal(accountsOf([byLogin]).identify({ ...CLIENT, login: 'not an id' }), null);
  t.equal(accountsOf([byAddress]).identify({ ...CLIENT, address: '198.51.100.1' }), null);
  for (const key of [
    'ab'.repeat(32),
    certificate.fingerprint256,
    `SHA256:${'AB'.repeat(32)}`,
    'robot@acme.example',
    'CN = robot,O=Acme',
  ]) {
    const accounts = accountsOf([{ certificate: { other: 'x', [key]: 'acme' } }]);
    t.match(accounts.identify({ ...CLIENT, certificate }), { account: 'acme', by: 'certificate' }, key);
    t.equal(accounts.identify(CLIENT), null);
  }
  t.equal(
    accountsOf([{ certificate: { 'CN=robot': 'x' } }]).identify({ ...CLIENT, certificate }),
    null,
    'a part of a subject is none',
  );
});

t.test('clients that nothing matches', async (t) => {
  t.equal(accountsOf([]).unknown, null);
  t.same(accountsOf([], {}, { unknown: 'trial' }).unknown, { account: 'trial', username: null, by: 'unknown' });
  t.equal(accountsOf([{ xclient: {} }]).takesPasswords, false);
  for (const entry of [{ store: {} }, { relay: {} }, { http: { url: 'http://127.0.0.1:1', timeout: 100 } }]) {
    t.equal(accountsOf([entry]).takesPasswords, true);
  }
});

t.test('profiles', async (t) => {
  const list = { acme: { plan: 'business', senders: ['acme.example'], language: 'de' } };
  const accounts = accountsOf([], {}, { list });
  t.same(accounts.profileOf('acme'), { id: 'acme', plan: 'business', senders: ['acme.example'], language: 'de' });
  for (const id of ['other', 'constructor', '__proto__']) {
    t.same(accounts.profileOf(id), { id, plan: 'default', senders: null, language: null });
  }
});

t.test('users file and store: the first that knows the username decides', async (t) => {
  const asked: string[] = [];
  const credentialOf = async (username: string) => {
    asked.push(username);
    return username === 'nobody' ? null : { username, account: 'stored', hash: HASH };
  };
  const file = usersFile(t, `anna:${HASH}:acme\n`);
  const accounts = accountsOf([{ users: { file } }, { store: {} }], { credentialOf });
  t.same(await accounts.authenticate('anna', PASSWORD, CLIENT), {
    kind: 'accepted',
    identity: { account: 'acme', username: 'anna', by: 'users' },
  });
  t.same(await accounts.authenticate('anna', 'wrong', CLIENT), { kind: 'refused' });
  t.same(asked, [], 'the store is not asked about who is in the file');
  t.match(await accounts.authenticate('berta', PASSWORD, CLIENT), {
    kind: 'accepted',
    identity: { account: 'stored', by: 'store' },
  });
  t.same(await accounts.authenticate('berta', 'wrong', CLIENT), { kind: 'refused' });
  t.same(await accounts.authenticate('nobody', PASSWORD, CLIENT), { kind: 'refused' });
  t.same(asked, ['berta', 'berta', 'nobody']);
});

t.test('a store that is away is no wrong password', async (t) => {
  const away = new StoreUnavailable('credentialOf');
  const accounts = accountsOf([{ store: {} }], { credentialOf: () => Promise.reject(away) });
  t.same(await accounts.authenticate('anna', PASSWORD, CLIENT), { kind: 'unavailable', cause: away });
  const broken = accountsOf([{ store: {} }], {
    credentialOf: async (username) => ({ username, account: 'a', hash: 'nonsense' }),
  });
  t.match(await broken.authenticate('anna', PASSWORD, CLIENT), { kind: 'unavailable', cause: RangeError });
});

t.test('AUTH passed through to the relay', async (t) => {
  const accounts = accountsOf([{ relay: {} }], {
    relayLogin: async (username, password) => {
      if (username === 'away') throw new Error('the relay does not answer');
      return password === PASSWORD ? 'accepted' : 'refused';
    },
  });
  t.match(await accounts.authenticate('anna', PASSWORD, CLIENT), {
    kind: 'accepted',
    identity: { account: 'anna', by: 'relay' },
  });
  t.same(await accounts.authenticate('anna', 'wrong', CLIENT), { kind: 'refused' });
  t.same(await accounts.authenticate('no account id', PASSWORD, CLIENT), { kind: 'refused' });
  t.match(await accounts.authenticate('away', PASSWORD, CLIENT), { kind: 'unavailable' });
});

t.test('an HTTP endpoint', async (t) => {
  const bodies: unknown[] = [];
  const url = await httpBackend(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { username: string };
      bodies.push([request.method, request.headers['content-type'], body]);
      answerAs(body.username, response);
    });
  });
  const accounts = accountsOf([{ http: { url, timeout: 20_000 } }]);
  t.same(await accounts.authenticate('ok', 'päss', CLIENT), {
    kind: 'accepted',
    identity: { account: 'acme', username: 'ok', by: 'http' },
  });
  t.same(bodies, [['POST', 'application/json', { username: 'ok', password: 'päss', client: '192.0.2.9' }]]);
  for (const name of ['401', '403']) t.same(await accounts.authenticate(name, 'x', CLIENT), { kind: 'refused' }, name);
  for (const name of ['500', '404', '302', 'no-json', 'no-account', 'bad-account', 'huge', 'cut']) {
    t.match(await accounts.authenticate(name, 'x', CLIENT), { kind: 'unavailable', cause: Error }, name);
  }
  const hasty = accountsOf([{ http: { url, timeout: 300 } }]);
  t.match(await hasty.authenticate('silent', 'x', CLIENT), { kind: 'unavailable', cause: Error }, 'silent');
  const gone = accountsOf([{ http: { url: 'http://127.0.0.1:1/', timeout: 300 } }, { store: {} }]);
  t.match(await gone.authenticate('anna', 'x', CLIENT), { kind: 'unavailable' }, 'nobody else is asked');
});

function answerAs(name: string, response: Parameters<RequestListener>[1]): void {
  if (name === 'silent') return;
  if (name === 'cut') return void response.destroy();
  const bodies: Readonly<Record<string, string>> = {
    ok: '{"account": "acme"}',
    'no-account': '{}',
    'bad-account': '{"account": "a b"}',
    huge: ' '.repeat(100_000),
  };
  const status = /^\d+$/.test(name) ? Number(name) : 200;
  response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {});
  response.end(bodies[name] ?? 'hm');
}

t.test('a user and a password in the URL of the endpoint go as Basic credentials', async (t) => {
  const url = await httpBackend(t, (request, response) => {
    const expected = `Basic ${Buffer.from('sluice:p@ss ü').toString('base64')}`;
    const known = request.headers.authorization === expected && request.url === '/auth?a=b';
    response.writeHead(known ? 200 : 500).end(JSON.stringify({ account: 'acme' }));
  });
  const within = `${url.replace('//', '//sluice:p%40ss%20%C3%BC@')}?a=b`;
  const result = await accountsOf([{ http: { url: within, timeout: 1000 } }]).authenticate('anna', PASSWORD, CLIENT);
  t.match(result, { identity: { account: 'acme' } });
});

t.test('after a no of one backend the next is asked', async (t) => {
  const url = await httpBackend(t, (_request, response) => response.writeHead(401).end());
  const accounts = accountsOf([{ http: { url, timeout: 1000 } }, { relay: {} }], {
    relayLogin: async () => 'accepted',
  });
  t.match(await accounts.authenticate('anna', 'x', CLIENT), { kind: 'accepted', identity: { by: 'relay' } });
});

t.test('a users file that is broken or gone is told at the start', async (t) => {
  const file = usersFile(t, `anna:${HASH}\nnonsense\n`);
  t.throws(() => accountsOf([{ users: { file } }]), { message: /users\.txt:2:1: found no colon/ });
  t.throws(() => accountsOf([{ users: { file: `${file}x` } }]), { message: /ENOENT/ });
});

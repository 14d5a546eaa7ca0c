import t from 'tap';
import { askBlocklists, reversed } from '../../src/lookup/blocklists.js';
import { askMailDomain } from '../../src/lookup/mail-domain.js';
import { DnsResolver, type ResolverOptions } from '../../src/lookup/resolver.js';
import { startDnsServer } from '../support/dns-server.js';

const dns = await startDnsServer(t, {
  'acme.example': { MX: ['20 backup.acme.example', '10 mx.acme.example'] },
  'plain.example': { A: ['192.0.2.1'] },
  'six.example': { AAAA: ['20010db8000000000000000000000001'] },
  'null.example': { MX: ['0 .'] },
  'empty.example': {},
  'broken.example': 'servfail',
  'silent.example': 'silence',
  '1.2.0.192.list.example': { A: ['127.0.0.2', '127.0.0.10'] },
  '2.2.0.192.list.example': { A: ['127.255.255.254'] },
  '3.2.0.192.list.example': { A: ['198.51.100.7'] },
  '1.2.0.192.silent.example': 'silence',
});

const OPTIONS: ResolverOptions = {
  servers: [dns.address],
  timeoutMs: 5_000,
  cacheForMs: 60_000,
  cacheSize: 100,
  mostAtOnce: 50,
};
const resolver = new DnsResolver(OPTIONS);
const hasty = new DnsResolver({ ...OPTIONS, timeoutMs: 50 });

t.test('a domain takes mail by its MX, or by its address', async (t) => {
  const receives = async (domain: string) => (await askMailDomain(resolver, domain)).receives;
  t.match(await askMailDomain(resolver, 'acme.example'), { receives: 'yes', detail: 'MX mx.acme.example' });
  t.equal(await receives('plain.example'), 'yes');
  t.equal(await receives('six.example'), 'yes');
  t.equal(await receives('[192.0.2.1]'), 'yes');
  t.match(await askMailDomain(resolver, 'null.example'), { receives: 'no', detail: /null MX/ });
  t.match(await askMailDomain(resolver, 'nowhere.example'), { receives: 'no', detail: 'there is no such domain' });
  t.equal(await receives('empty.example'), 'no');
});

t.test('no answer is no finding', async (t) => {
  t.match(await askMailDomain(resolver, 'broken.example'), { receives: 'unknown' });
  t.match(await askMailDomain(hasty, 'silent.example'), { receives: 'unknown' });
  const nobody = new DnsResolver({ ...OPTIONS, servers: ['127.0.0.1:9'], timeoutMs: 2_000 });
  t.match(await askMailDomain(nobody, 'acme.example'), { receives: 'unknown' });
});

t.test('answers are kept, and one question is asked once', async (t) => {
  const fresh = new DnsResolver(OPTIONS);
  const before = dns.questions.length;
  await Promise.all(Array.from({ length: 20 }, () => fresh.mx('acme.example')));
  await fresh.mx('acme.example');
  t.same(dns.questions.slice(before), ['MX acme.example']);
  const forgetful = new DnsResolver({ ...OPTIONS, cacheForMs: 0 });
  await forgetful.mx('acme.example');
  await forgetful.mx('acme.example');
  t.equal(dns.questions.length, before + 3);
});

t.test('so many questions at once and no more', async (t) => {
  const busy = new DnsResolver({ ...OPTIONS, timeoutMs: 200, mostAtOnce: 2 });
  const waiting = [busy.mx('silent.example'), busy.ipv4('silent.example')];
  t.match(await busy.mx('acme.example'), { kind: 'failed', why: 'too many questions at once' });
  t.match(await Promise.all(waiting), [{ kind: 'failed' }, { kind: 'failed' }]);
  t.match(await busy.mx('acme.example'), { kind: 'found' }, 'there is room again');
});

t.test('blocklists: listings are told from errors', async (t) => {
  const ask = (address: string, codes: string[] = []) =>
    askBlocklists(resolver, [address], [{ zone: 'list.example', codes }]);
  t.match(await ask('192.0.2.1'), {
    listings: [{ address: '192.0.2.1', zone: 'list.example', codes: ['127.0.0.2', '127.0.0.10'] }],
    unanswered: [],
  });
  t.same((await ask('192.0.2.1', ['127.0.0.10'])).listings[0]?.codes, ['127.0.0.10']);
  t.same((await ask('192.0.2.1', ['127.0.0.4'])).listings, []);
  t.match(await ask('192.0.2.2'), { listings: [], unanswered: [{ why: /127\.255\.255\.254/ }] });
  t.match(await ask('192.0.2.3'), { listings: [], unanswered: [{ why: /198\.51\.100\.7/ }] });
  t.same(await ask('192.0.2.4'), { listings: [], unanswered: [] });
  const silent = await askBlocklists(hasty, ['192.0.2.1'], [{ zone: 'silent.example', codes: [] }]);
  t.match(silent, { listings: [], unanswered: [{ zone: 'silent.example' }] });
});

t.test('addresses are asked about backwards', async (t) => {
  t.equal(reversed('192.0.2.99'), '99.2.0.192');
  t.equal(reversed('::ffff:192.0.2.99'), '99.2.0.192');
  t.equal(reversed('2001:db8::1'), '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2');
});

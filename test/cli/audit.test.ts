import t from 'tap';
import { encodeDecision } from '../../src/ledger/codec.js';
import { signBounceAddress } from '../../src/smtp/bounce-address.js';
import type { AuditCase } from '../../src/store/contract.js';
import { sampleDecision } from '../telemetry/sample-decision.js';
import { inProcess } from './in-process.js';
import { CONFIG, type Sluice } from './sluice.js';

async function opened(sluice: Sluice, args: readonly string[]): Promise<AuditCase> {
  const { answer } = await sluice.ask(['audit', ...args]);
  return (answer as { readonly audit: AuditCase }).audit;
}

t.test('evidence is asked for, produced and judged', async (t) => {
  const sluice = await inProcess(t);
  const keys = ['ann@example.net', 'bob@example.net', 'carl@example.net'];
  const { id, ...audit } = await opened(sluice, ['request', 'acme', ...keys, 'Bob@Example.net', '-n', 'ticket 4711']);
  t.match(audit, { account: 'acme', kind: 'request', state: 'open', by: 'olga', note: 'ticket 4711' });
  t.equal(audit.dueAt - audit.openedAt, 72 * 3_600_000);
  t.same(
    audit.addresses.map(({ key }) => key),
    keys,
  );

  await sluice.write('scan.pdf', 'a signature');
  t.match(await sluice.run(['audit', 'answer', id, 'ann@example.net']), { code: 2, stderr: /what proves it/ });
  t.match(await sluice.run(['audit', 'answer', id, 'eve@example.net', '--ip', '192.0.2.7']), { code: 1 });
  const byHand = await sluice.run(['audit', 'answer', id, 'ann@example.net', '--proof', 'scan.pdf', '-n', 'by mail']);
  t.match(byHand.stdout, /answered: {2}1\/3\n/);
  t.match(
    byHand.stdout,
    /ann@example\.net {2}answered .*, by olga: by mail\n {2}source {4}desk\n {2}proof {5}SHA-256 /,
  );

  const csv = 'address,ip,url\nbob@example.net,192.0.2.8,\ncarl@example.net,,\neve@example.net,192.0.2.9,\n';
  await sluice.write('evidence.csv', csv);
  const ofFile = await sluice.run(['audit', 'answer', id, '--csv', 'evidence.csv']);
  t.equal(ofFile.code, 6);
  t.match(ofFile.stderr, /line 3: nothing proves it.*\n.*line 4: this case does not ask about the address/);
  t.match(ofFile.stdout, /answered: {2}2\/3\n/);

  await sluice.run(['consent', 'add', 'carl@example.net', '-a', 'acme', '--url', 'https://acme.example/join']);
  t.match(await sluice.ask(['audit', 'answer', id, '--from-ledger']), { answer: { audit: { state: 'answered' } } });
  t.match((await sluice.run(['audit', 'list', '--account', 'acme', '--state', 'answered'])).stdout, id);
  t.match(await sluice.ask(['audit', 'list', '--state', 'open']), { answer: { audits: [] } });

  const close = ['audit', 'close', id, '--result', 'violation', '--note', 'the form is of another site'];
  t.match(await sluice.ask(close), { code: 0, answer: { audit: { state: 'violation' } } });
  t.match(
    (await sluice.run(['account', 'show', 'acme'])).stdout,
    /violation: {6}audit\.\w+ {2}request, violation: the form/,
  );
  t.match(await sluice.ask(['account', 'show', 'acme']), { answer: { violations: [id] } });
  await sluice.run(['audit', 'request', 'acme', 'ann@example.net']);
  t.match(await sluice.ask(['audit', 'list', '--violations']), { answer: { audits: [{ id }], more: false } });
  t.match(await sluice.run(['audit', 'answer', id, '--from-ledger']), { code: 1, stderr: /decided about/ });
  t.match(await sluice.run(['audit', 'show', 'audit.00000000000000']), { code: 1, stderr: /there is no case/ });
});

t.test('recipients are drawn the same for the same seed, from mail that went out', async (t) => {
  const sluice = await inProcess(t);
  const store = await sluice.store();
  const [recipient] = sampleDecision().recipients;
  if (recipient === undefined) throw new Error('no recipient');
  const at = Date.now() - 3_600_000;
  const mailed = (id: string, names: readonly string[], changes = {}) =>
    encodeDecision(
      sampleDecision({
        id,
        at,
        recipients: names.map((name) => ({
          ...recipient,
          address: `${name}@example.net`,
          verdict: 'pass',
          reply: '250 ok',
        })),
        ...changes,
      }),
    );
  const names = Array.from({ length: 40 }, (_, index) => `r${index}`);
  const bounds = { maxAgeMs: 86_400_000, maxCount: 1_000 };
  const account = sampleDecision().account ?? '';
  await store.appendDecisions(
    [
      mailed('1', names),
      mailed('2', ['r1', 'R1', 'r2']),
      mailed('3', ['refused'], { ending: 'refused' }),
      mailed('4', ['other'], { account: 'zenith' }),
      mailed('5', ['old'], { at: at - 40 * 86_400_000 }),
    ],
    bounds,
  );
  const draw = ['sample', account, '--size', '5', '--since', '30d', '--seed', 'november'];
  const { answer: dry } = await sluice.ask(['audit', ...draw, '--dry-run']);
  t.match(dry, { sample: { seed: 'november', outOf: 40 } });
  const audit = await opened(sluice, draw);
  t.match(audit, { kind: 'sample', state: 'open', sample: { seed: 'november', outOf: 40 } });
  const drawn = audit.addresses.map(({ key }) => key);
  t.equal(new Set(drawn).size, 5);
  t.same((dry as { readonly addresses: readonly string[] }).addresses, drawn);
  const other = await opened(sluice, ['sample', account, '--size', '5', '--since', '30d', '--seed', 'december']);
  t.notSame(
    other.addresses.map(({ key }) => key),
    drawn,
  );
  t.match(await sluice.run(['audit', 'sample', 'nobody']), { code: 1, stderr: /no decision since then/ });
});

t.test('accounts with a notice address are told, by the service; without one the desk hears so', async (t) => {
  const told = CONFIG.replace('plan: small\n', 'plan: small\n      notices: {mail: [desk@acme.example]}\n');
  const sluice = await inProcess(
    t,
    `${told}
notices: {from: abuse@provider.example}
feedback:
  reversePath: {domain: bounces.example, keys: [the key of bounces]}
  http:
    address: 127.0.0.1:8026
    evidence: {url: https://answer.example, keys: [the key of cases]}
`,
  );
  const waiting = async () => (await sluice.ask(['notice', 'list'])).answer;
  t.match((await sluice.run(['notice', 'list'])).stdout, /nothing waits/);
  await sluice.run(['revoke', 'bob@example.net', '--account', 'acme']);
  await sluice.run(['outcome', 'add', 'carl@example.net', '--account', 'acme', '--kind', 'revoked', '-m', 'm1']);
  await sluice.run(['outcome', 'add', 'carl@example.net', '--account', 'acme', '--kind', 'revoked', '-m', 'm1']);
  await sluice.run(['revoke', 'bob@example.net', '--account', 'zenith']);
  const requested = await sluice.run(['audit', 'request', 'acme', 'bob@example.net']);
  t.match(requested.stdout, /link: {6}https:\/\/answer\.example\/e\/\S+\n/);
  t.equal(requested.stderr, '');
  t.match(await waiting(), {
    notices: [
      { account: 'acme', channel: 'mail', notice: { kind: 'revocation', address: 'bob@example.net' } },
      { notice: { kind: 'revocation', address: 'carl@example.net' } },
      { notice: { kind: 'audit', event: 'opened' } },
    ],
  });
  t.equal((await sluice.run(['notice', 'list'])).stdout.split('\n').length, 5, 'each once');
  const untold = await sluice.run(['audit', 'request', 'zenith', 'bob@example.net']);
  t.match(untold.stderr, /zenith has no notice address in the config/);

  t.match(await sluice.run(['audit', 'probe', 'acme']), { code: 1, stderr: /registered no complaint address/ });
  const domain = (name: string) => sluice.run(['domain', 'add', name, '-a', 'acme', '--complaints', `abuse@${name}`]);
  await domain('acme.example');
  await domain('acme.org');
  t.match(await sluice.run(['audit', 'probe', 'acme']), { code: 2, stderr: /say --domain/ });
  const probed = await opened(sluice, ['probe', 'acme', '--domain', 'acme.org']);
  t.match(probed, { kind: 'probe', state: 'open', addresses: [{ key: 'abuse@acme.org' }] });
  const { answer } = await sluice.ask(['notice', 'list', '--account', 'acme']);
  t.match(answer, { notices: [{}, {}, {}, { channel: 'probe', notice: { audit: probed.id } }] });
  const signing = {
    domain: 'bounces.example',
    localPart: 'bounce',
    keys: ['the key of bounces'],
    validForMs: 86_400_000,
  };
  const replyTo = signBounceAddress(probed.id, signing, Date.now());
  const piped = async (subject: string, more: string) => {
    await sluice.write('reply.eml', `From: abuse@acme.org\nSubject: ${subject}\n${more}\nWe read this.\n`);
    await sluice.run(['feedback', 'dsn', 'reply.eml', '--to', replyTo]);
    return (await sluice.ask(['audit', 'show', probed.id])).answer;
  };
  const status = 'Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.acme.org\n\n';
  const failed = (action: string, code: string) =>
    `${status}Final-Recipient: rfc822; desk@acme.org\nAction: ${action}\nStatus: ${code}\nDiagnostic-Code: smtp; no such user\n`;
  const report =
    'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n';
  await piped('Delayed', `${report}${failed('delayed', '4.4.1')}\n--b--\n`);
  t.match((await sluice.run(['audit', 'show', probed.id])).stdout, /answered: {2}0\/1\nabuse@acme\.org {2}no answer\n/);
  t.match(await piped('Undelivered', `${report}${failed('failed', '5.1.1')}\n--b--\n`), {
    audit: { state: 'open', addresses: [{ answer: null, bounced: { note: /no such user/ } }] },
  });
  const bounced = await sluice.run(['audit', 'show', probed.id]);
  t.match(bounced.stdout, /answered: {2}0\/1, 1 bounced\nabuse@acme\.org {2}bounced .*: .*no such user\n/);
  t.match(await piped('Automatic reply', 'Auto-Submitted: auto-replied\n'), { audit: { state: 'open' } });
  t.match(await piped('Re: Test', ''), { audit: { state: 'answered', addresses: [{ answer: { by: 'mail' } }] } });
  const second = await opened(sluice, ['probe', 'acme', '--domain', 'acme.example']);
  const telephone = ['audit', 'answer', second.id, '-n', 'by telephone'];
  t.match(await sluice.ask(telephone), { answer: { audit: { state: 'answered' } } });

  const off = await inProcess(t);
  t.match(await off.run(['audit', 'probe', 'acme']), { code: 3, stderr: /needs `notices`/ });
});

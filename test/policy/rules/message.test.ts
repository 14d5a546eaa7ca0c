/** Rules over what was found in a message: findings in, reply out. */

import t from 'tap';
import type { UnsubscribeMeans } from '../../../src/message/findings.js';
import { CATALOGUE } from '../../../src/policy/catalogue.js';
import { judge } from '../../../src/policy/engine.js';
import type { CampaignFacts, MessageFindings } from '../../../src/policy/message-facts.js';
import type { MessageFacts } from '../../../src/policy/rule.js';
import type { DomainFinding } from '../../../src/store/contract.js';
import { MS } from '../../../src/units/duration.js';
import { account, address, findings, messageFacts, NOW, policyWith, WORDS } from '../facts.js';

/** The whole reply of one rule, alone and enforced, without its end; undefined: it passes. */
function ask(
  rule: string,
  found: Partial<MessageFindings> | null,
  parameters: Record<string, unknown> = {},
  facts: Partial<MessageFacts> = {},
): string | undefined {
  const policy = policyWith({ [rule]: { mode: 'enforce', ...parameters } });
  const message = found === null ? null : findings(found);
  return judge('message', messageFacts({ message, ...facts }), policy, WORDS).heard?.reply.replace(/ ref=T1 .*$/, '');
}

const NOT_BULK = { bulk: { why: null, signs: [], stream: null, campaign: null } } as const;

function campaign(over: Partial<CampaignFacts> = {}): Partial<MessageFindings> {
  const reached = [{ perMs: MS.d, recipients: 101 }];
  const facts = { id: 'c1', state: 'seen', ofAccount: 'seen', messages: 101, reached, ...over } as const;
  return { bulk: { why: 'detected', signs: [], stream: null, campaign: facts } };
}

const means = (kind: UnsubscribeMeans['kind'], problem: string | null = null): UnsubscribeMeans => ({
  kind,
  where: 'header',
  value: '',
  words: null,
  problem,
});
const unsubscribe = (...list: UnsubscribeMeans[]) => ({
  unsubscribe: {
    means: list,
    found: list.some(({ problem }) => problem === null),
    oneClick: list.some(({ kind, problem }) => kind === 'one-click' && problem === null),
  },
});

t.test('rules that look into messages begin as off, and judge nothing that nobody looked at', async (t) => {
  for (const { id, messageNeeds, defaultMode } of CATALOGUE) {
    if (messageNeeds === undefined || ['account.sender', 'recipient.revoked'].includes(id)) continue;
    t.ok(defaultMode === 'off' || id === 'reputation.blocklist', `${id} begins as off`);
    t.equal(ask(id, null), undefined, id);
  }
  t.equal(policyWith().messageNeeds.size, 0, 'by default nothing is inspected');
  t.same([...policyWith({ 'message.subject': { mode: 'observe' } }).messageNeeds], ['bulk', 'subject']);
  t.same([...policyWith({ 'account.sender': { fields: ['From'] } }).messageNeeds], ['sender']);
  t.same([...policyWith({ 'recipient.revoked': { scope: 'list' } }).messageNeeds], ['bulk', 'subscriptions-left']);
});

t.test('rules on bulk mail let other mail pass', async (t) => {
  const nothing = {
    ...NOT_BULK,
    recipients: [],
    unsubscribe: null,
    notice: null,
    registration: null,
    consents: [null],
  };
  for (const { id } of CATALOGUE) {
    if (/^(?:bulk|domain|provider)\.|^message\.(?!content|source)|consent/.test(id))
      t.equal(ask(id, nothing), undefined, id);
  }
});

t.test('account.sender: fields of the header', async (t) => {
  const mine = { account: account({ senders: ['acme.example'] }), reversePath: address('news@acme.example') };
  const from = (spelling: string, name = '', field: 'From' | 'Reply-To' = 'From'): Partial<MessageFindings> => ({
    mailboxes: [{ field, name, address: spelling === '' ? null : address(spelling), spelling: spelling || 'nonsense' }],
  });
  const fields = { fields: ['From', 'Sender'] };
  t.equal(ask('account.sender', from('ceo@bank.example'), {}, mine), undefined, 'not asked');
  t.equal(ask('account.sender', from('me@acme.example'), fields, mine), undefined);
  t.match(ask('account.sender', from('ceo@bank.example'), fields, mine), /^554 5\.7\.1 .*<ceo@bank\.example> in From/);
  t.match(ask('account.sender', from(''), fields, mine), /<nonsense> in From/);
  t.equal(ask('account.sender', from('me@other.example', '', 'Reply-To'), fields, mine), undefined);
  t.equal(ask('account.sender', from('ceo@bank.example'), fields, { account: account() }), undefined, 'no list');
});

t.test('account.sender: names that pose as somebody else', async (t) => {
  const mine = { account: account({ senders: ['acme.example'] }), reversePath: address('news@acme.example') };
  const named = (name: string, rules: Record<string, unknown>) =>
    ask(
      'account.sender',
      { mailboxes: [{ field: 'From', name, address: address('a@acme.example'), spelling: 'a@acme.example' }] },
      rules,
      mine,
    );
  const strict = { displayName: 'reject' };
  t.match(named('ceo@bank.example', strict), /looks like the address ceo@bank\.example/);
  t.match(named('"The Boss" <boss＠bank.example>', strict), /looks like the address/);
  for (const name of ['Anna', 'a@acme.example', 'other@acme.example', 'me @ home', 'C@t Lovers', '@acme']) {
    t.equal(named(name, strict), undefined, name);
  }
  const brands = {
    brands: [
      { name: 'PayPal', domains: ['paypal.example'] },
      { name: 'Post Bank', domains: ['pb.example'] },
    ],
  };
  for (const name of [
    'PayPal',
    'paypal service',
    'РауРаl',
    'P a y P a l',
    'Pay-Pal Inc.',
    'PAYPAI',
    'postbank',
    'Pаypal',
  ]) {
    t.match(named(name, brands), /poses as (?:PayPal|Post Bank)/, name);
  }
  for (const name of ['Paying Pals', 'Palpay', 'Anna Post', 'Banking Post'])
    t.equal(named(name, brands), undefined, name);
  const own = { brands: [{ name: 'Acme', domains: ['acme.example'] }] };
  t.equal(named('Acme', own), undefined, 'its own');
});

t.test('flood.campaign', async (t) => {
  const limits = { limits: ['100/1d', '50/1h'] };
  t.match(ask('flood.campaign', campaign(), limits), /^451 4\.7\.28 .* reached 100 recipients in 1 day/);
  t.equal(
    ask('flood.campaign', campaign({ reached: [{ perMs: MS.d, recipients: 100 }] }), limits),
    undefined,
    'as many as it may',
  );
  t.match(
    ask('flood.campaign', campaign({ reached: [{ perMs: MS.h, recipients: 51 }] }), limits),
    /50 recipients in 1 hour/,
  );
  t.equal(ask('flood.campaign', campaign({ state: 'approved' }), limits), undefined);
  t.equal(ask('flood.campaign', campaign({ ofAccount: 'approved' }), limits), undefined);
  t.match(ask('flood.campaign', campaign({ state: 'approved' }), { ...limits, approved: 'count' }), /^451/);
  t.equal(ask('flood.campaign', NOT_BULK, limits), undefined);
});

t.test('message.recipient-visible', async (t) => {
  const seen = (...sightings: MessageFindings['recipients'][number]['sightings']) => {
    const visible = sightings.some((one) => ['to', 'text', 'mailto'].includes(one));
    return { recipients: [{ key: 'you@example.com', sightings, visible, everyAlternative: false }] };
  };
  const rule = 'message.recipient-visible';
  t.equal(ask(rule, seen('to')), undefined);
  t.equal(ask(rule, seen('text')), undefined);
  t.match(ask(rule, seen()), /^554 5\.7\.1 .* 1 of 1 recipients stand neither .* such as <you@example\.com>/);
  t.match(ask(rule, seen('hidden')), /^554/);
  t.match(ask(rule, seen('to-name', 'link-url')), /^554/);
  t.match(ask(rule, seen('cc')), /^554/);
  t.equal(ask(rule, seen('cc'), { cc: true }), undefined);
  t.match(ask(rule, seen('text'), { everyAlternative: true }), /^554/);
  t.equal(ask(rule, { ...seen(), opaque: true }), undefined, 'it cannot be seen');
  t.match(ask(rule, { ...seen(), opaque: true }, { unseen: 'reject' }), /cannot be read/);
  const policy = policyWith({ [rule]: { mode: 'enforce' } });
  const [one, two] = [address('a@example.com'), address('b@example.com')];
  const recipients = [one, two].map(({ key }) => ({ key, sightings: [], visible: false, everyAlternative: false }));
  const facts = messageFacts({ recipients: [one, two], message: findings({ recipients }) });
  t.same(judge('message', facts, policy, WORDS).heard?.evidence, {
    missing: ['a@example.com', 'b@example.com'],
    of: 2,
  });
});

t.test('message.unsubscribe', async (t) => {
  const rule = 'message.unsubscribe';
  for (const kind of ['one-click', 'list-unsubscribe', 'link', 'reply'] as const) {
    t.equal(ask(rule, unsubscribe(means(kind))), undefined, kind);
  }
  t.match(ask(rule, unsubscribe()), /^554 5\.7\.1 .* offers no way to unsubscribe$/);
  t.match(ask(rule, unsubscribe(means('one-click', 'the URI is http'))), /does not work: the URI is http/);
  t.equal(ask(rule, unsubscribe(means('one-click', 'broken'), means('link'))), undefined, 'one that works is enough');
  t.match(ask(rule, unsubscribe(means('reply')), { accept: ['one-click', 'link'] }), /no way/);
  t.equal(ask(rule, { ...unsubscribe(), opaque: true }), undefined);
  t.match(ask(rule, { ...unsubscribe(), opaque: true }, { unseen: 'reject' }), /cannot be read/);
});

t.test('message.revocation-notice', async (t) => {
  const rule = 'message.revocation-notice';
  const notice = (hours: number) => ({ part: '1', sentence: '', language: 'en', hours });
  t.equal(ask(rule, { notice: { notices: [notice(48)], found: true, longer: null } }), undefined);
  t.match(ask(rule, { notice: { notices: [], found: false, longer: null } }), /does not say .* within 2 days/);
  t.match(
    ask(rule, { notice: { notices: [notice(240)], found: false, longer: notice(240) } }),
    /takes 10 days, more than 2 days/,
  );
  t.match(
    ask(rule, { notice: { notices: [notice(24), notice(72)], found: true, longer: notice(72) } }),
    /takes 3 days/,
  );
});

t.test('message.source', async (t) => {
  const rule = 'message.source';
  const missing = { source: [{ problem: 'missing', field: 'Message-ID', detail: 'there is no Message-ID' }] } as const;
  t.equal(ask(rule, {}), undefined);
  t.match(ask(rule, missing), /^554 5\.6\.0 .*not in order: there is no Message-ID$/);
  t.match(ask(rule, { ...missing, ...NOT_BULK }), /^554/, 'of any mail');
  t.equal(ask(rule, missing, { ignore: ['missing'] }), undefined);
  t.equal(ask(rule, missing, { ignoreFields: ['message-id'] }), undefined);
  const domain = (receives: 'yes' | 'no' | 'unknown') => ({
    senderDomains: [{ domain: 'x.example', receives, detail: 'why' }],
  });
  t.equal(ask(rule, domain('no')), undefined, 'not asked');
  t.match(ask(rule, domain('no'), { senderDomain: 'reject' }), /^554 5\.1\.8 .*x\.example cannot be answered: why$/);
  t.equal(ask(rule, domain('unknown'), { senderDomain: 'reject' }), undefined, 'a failure never rejects');
  t.match(ask(rule, domain('unknown'), { senderDomain: 'reject', dnsFailure: 'defer' }), /^451 4\.1\.8/);
  t.equal(ask(rule, domain('yes'), { senderDomain: 'reject', dnsFailure: 'defer' }), undefined);
});

t.test('message.subject', async (t) => {
  const rule = 'message.subject';
  const subject = (over: Partial<NonNullable<MessageFindings['subject']>>) => ({
    subject: {
      subject: 'x',
      empty: false,
      replyPrefix: null,
      forwardPrefix: null,
      threaded: false,
      oddities: [],
      ...over,
    },
  });
  t.equal(ask(rule, subject({})), undefined);
  t.match(ask(rule, subject({ replyPrefix: 'Re:' })), /begins with "Re:" although/);
  t.match(ask(rule, subject({ forwardPrefix: 'WG:' })), /begins with "WG:"/);
  t.equal(ask(rule, subject({ replyPrefix: 'Re:', threaded: true })), undefined);
  t.equal(ask(rule, subject({ replyPrefix: 'Re:' }), { reply: 'pass' }), undefined);
  t.match(ask(rule, subject({ subject: null, empty: true })), /has no subject/);
  t.match(ask(rule, subject({ oddities: ['direction-override'] })), /to deceive: direction override/);
  t.equal(ask(rule, subject({ oddities: ['all-capitals'] })), undefined);
  t.match(ask(rule, subject({ oddities: ['all-capitals'] }), { oddities: ['all-capitals'] }), /all capitals/);
});

t.test('message.postal-address', async (t) => {
  const rule = 'message.postal-address';
  t.equal(ask(rule, {}), undefined);
  t.match(ask(rule, { postalAddresses: [] }), /lacks its sender's postal address/);
  t.match(ask(rule, {}, { accept: 'registered' }), /lacks the postal address that is registered/);
  t.equal(
    ask(rule, { postalAddresses: [{ part: '1', text: '', by: 'registered' }] }, { accept: 'registered' }),
    undefined,
  );
  t.equal(ask(rule, { postalAddresses: [], opaque: true }), undefined);
});

t.test('message.content', async (t) => {
  const rule = 'message.content';
  const scored = (score: number, action = 'no action') =>
    ({ spam: { result: 'scored', score, action, symbols: [] } }) as const;
  t.equal(ask(rule, { virus: { result: 'clean' }, ...scored(3) }), undefined);
  t.match(ask(rule, { virus: { result: 'infected', name: 'Eicar' } }), /^554 5\.7\.1 .*the virus Eicar/);
  t.match(ask(rule, { virus: { result: 'infected', name: 'Eicar' }, ...NOT_BULK }), /^554/, 'in any mail');
  t.match(ask(rule, scored(15)), /^554 .*score 15/);
  t.equal(ask(rule, scored(14.9)), undefined);
  t.match(ask(rule, scored(1, 'reject')), /^554/);
  t.match(ask(rule, scored(1, 'soft reject')), /^451 4\.7\.0/);
  t.equal(ask(rule, scored(1, 'reject'), { spamAction: 'ignore' }), undefined);
  const match = { patterns: [{ pattern: 'list-sale', field: 'text', matched: 'email lists' }] } as const;
  t.match(ask(rule, match), /^554 .*not allowed here \(list-sale\)$/);
  t.match(ask(rule, match, { patterns: 'defer' }), /^451/);
  t.match(ask(rule, { virus: { result: 'failed', why: 'gone' } }), /^451 4\.7\.0 .*cannot be scanned/);
  t.equal(ask(rule, { virus: { result: 'failed', why: 'gone' } }, { onFailure: 'pass' }), undefined);
  t.equal(ask(rule, { virus: { result: 'unscanned', why: 'large' } }), undefined, 'too large to scan is no failure');
});

t.test('domain.registration', async (t) => {
  const rule = 'domain.registration';
  const { registration } = findings();
  if (registration === null) throw new Error('no registration');
  const fine: DomainFinding = { outcome: 'ok', detail: '' };
  const check = (privacyPolicy: DomainFinding, troubles: number) => ({
    registration: { ...registration, check: { at: NOW, privacyPolicy, complaintAddress: fine, troubles } },
  });
  t.equal(ask(rule, {}), undefined);
  t.match(ask(rule, { registration: null }), /acme\.example is not registered/);
  t.match(ask(rule, { registration: null, fromDomain: null }), /not registered/);
  t.match(ask(rule, { registration: { ...registration, privacyPolicy: null } }), /lacks a privacy policy/);
  t.equal(
    ask(rule, { registration: { ...registration, postalAddress: null } }, { require: ['privacyPolicy'] }),
    undefined,
  );
  t.equal(ask(rule, { fromDomain: 'mail.acme.example' }), undefined);
  t.match(ask(rule, { fromDomain: 'mail.acme.example' }, { parents: false }), /not registered/);
  const gone: DomainFinding = { outcome: 'failed', detail: 'answers 404' };
  t.equal(ask(rule, check(gone, 9)), undefined, 'checks are not counted unless set so');
  t.match(ask(rule, check(gone, 3), { failedChecks: 3 }), /does not hold: privacy policy: answers 404/);
  t.equal(ask(rule, check(gone, 2), { failedChecks: 3 }), undefined);
  t.equal(ask(rule, check({ outcome: 'unreachable', detail: '' }, 9), { failedChecks: 1 }), undefined, 'no violation');
});

t.test('bulk.approval and bulk.declaration', async (t) => {
  t.match(ask('bulk.approval', campaign()), /^451 4\.7\.0 .*the campaign c1 waits/);
  t.equal(ask('bulk.approval', campaign({ state: 'approved' })), undefined);
  t.equal(ask('bulk.approval', campaign({ ofAccount: 'approved' })), undefined);
  t.match(ask('bulk.approval', campaign({ state: 'refused', ofAccount: 'approved' })), /^554 .*c1 was not approved/);
  t.equal(
    ask('bulk.approval', campaign({ state: 'approved', ofAccount: 'refused' })),
    undefined,
    'the closer word counts',
  );
  t.match(ask('bulk.approval', {}), /^451/, 'bulk that no campaign could be made of');
  t.match(ask('bulk.declaration', campaign()), /^554 .*go to 101 recipients in 1 day and do not say/);
  t.equal(ask('bulk.declaration', {}), undefined, 'declared');
});

t.test('recipient.consent', async (t) => {
  const recipients = Array.from({ length: 200 }, (_, index) => address(`r${index}@example.com`));
  const consents = recipients.map(() => null);
  const [rule, facts] = ['recipient.consent', { recipients }];
  t.equal(ask(rule, {}), undefined);
  t.match(ask(rule, { consents }, {}, facts), /^554 .*200 of 200 recipients .* such as <r0@example\.com>/);
  const sampled = ask(rule, { consents }, { sample: 0.1 }, facts);
  const count = Number(/(\d+) of 200/.exec(sampled ?? '')?.[1]);
  t.ok(count > 5 && count < 40, `${count} of 200 are sampled`);
  t.equal(ask(rule, { consents }, { sample: 0.1 }, facts), sampled, 'always the same');
  t.equal(ask(rule, { consents }, { sample: 0 }, facts), undefined);
});

t.test('reputation.blocklist', async (t) => {
  const listings = { listings: [{ address: '192.0.2.1', zone: 'l.example', codes: ['127.0.0.2'] }], unanswered: [] };
  const rule = 'reputation.blocklist';
  t.match(ask(rule, { listings }), /^451 4\.7\.0 .*192\.0\.2\.1 is listed by l\.example/);
  t.match(ask(rule, { listings }, { verdict: 'reject' }), /^554 5\.7\.1/);
  t.equal(ask(rule, { listings: { listings: [], unanswered: [{ zone: 'l.example', why: 'timeout' }] } }), undefined);
});

t.test('provider.requirements', async (t) => {
  const rule = 'provider.requirements';
  const to = (recipient: string) => ({
    recipients: [address(recipient)],
    reversePath: address('b@bounces.acme.example'),
  });
  const good = unsubscribe(means('one-click'), means('link'));
  t.equal(ask(rule, {}, {}, to('you@example.com')), undefined, 'no provider with requirements');
  t.match(ask(rule, {}, {}, to('you@gmail.com')), /^554 .*Gmail asks of bulk mail one-click/);
  t.equal(ask(rule, {}, { ignore: ['one-click'] }, to('you@gmail.com')), undefined);
  t.equal(ask(rule, good, {}, to('you@gmail.com')), undefined);
  t.equal(ask(rule, {}, {}, to('you@hotmail.com')), undefined, 'Outlook.com does not insist on it');
  const signed = (domain: string, ...fields: string[]) => ({ ...good, signatures: [{ domain, fields }] });
  const client = { signer: 'client' };
  t.match(ask(rule, good, client, to('you@gmail.com')), /a DKIM signature/);
  const both = ['from', 'list-unsubscribe', 'list-unsubscribe-post'];
  t.equal(ask(rule, signed('acme.example', ...both), client, to('you@gmail.com')), undefined);
  t.match(ask(rule, signed('acme.example', 'from'), client, to('you@gmail.com')), /signature over List-Unsubscribe/);
  t.match(ask(rule, signed('esp.example', ...both), client, to('you@gmail.com')), /signature over/);
  const stranger = { ...to('you@yahoo.com'), reversePath: address('x@esp.example') };
  t.match(ask(rule, signed('esp.example', ...both), client, stranger), /a From domain that/);
  const complaints = (complained: number, mailed: number) => ({
    reputation: {
      mailed,
      rejected: 0,
      complained,
      refusedForUs: 0,
      levels: { rejections: 'good', complaints: 'good' },
    } as const,
  });
  const heard = (provider: string, complained: number, mailed = 10_000, parameters = {}) =>
    ask(rule, good, parameters, { ...to(`you@${provider}`), ...complaints(complained, mailed) });
  t.equal(heard('gmail.com', 29), undefined);
  t.match(
    heard('gmail.com', 30),
    /^451 4\.7\.0 .*Gmail asks of bulk senders a complaint rate below 0\.3 %, yours is 0\.3 % \(30 of 10000 recipients/,
  );
  t.match(heard('yahoo.de', 50), /^451 .*Yahoo/);
  t.equal(heard('outlook.com', 900), undefined, 'Outlook.com names no rate');
  t.equal(heard('gmail.com', 900, 999), undefined, 'shares of little mail are chance');
  t.match(heard('gmail.com', 900, 999, { minVolume: 500 }), /^451/);
  t.equal(heard('gmail.com', 900, 10_000, { ignore: ['complaint-rate'] }), undefined);
});

t.test('recipient.revoked, list by list and stream by stream', async (t) => {
  const of = (ageMs: number) => ({
    key: 'you@example.com',
    account: 'acme',
    at: NOW - ageMs,
    source: 'one-click',
    subscription: { kind: 'list' as const, name: 'news.acme.example' },
  });
  const hear = (ages: readonly (number | null)[], parameters: Record<string, unknown> = {}) =>
    ask(
      'recipient.revoked',
      { subscriptionsLeft: ages.map((age) => (age === null ? null : of(age))) },
      { scope: 'list', ...parameters },
      { recipients: ages.map((_, index) => address(`r${index}@example.com`)) },
    );
  t.equal(hear([null]), undefined);
  t.equal(hear([47 * MS.h]), undefined, 'grace: pass');
  t.match(hear([47 * MS.h], { grace: 'defer' }), /^451 4\.7\.0 \[recipient\.revoked\] <r0@example\.com>/);
  t.match(hear([null, 48 * MS.h]), /^554 5\.7\.1 \[recipient\.revoked\] <r1@example\.com> revoked consent on/);
  t.match(hear([47 * MS.h, 50 * MS.h], { grace: 'defer' }), /^554 .*<r1@/, 'the one that is late decides');
  t.match(hear([50 * MS.h], { scope: 'stream' }), /^554 /, 'what was left stays left when the setting changes');
  t.equal(hear([50 * MS.h], { scope: 'account' }), undefined);
});

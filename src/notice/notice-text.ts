/** What a notice by mail says: plain text for a person, who can act on it without asking back. */

import type { Instant, ReputationLevel, ReputationMeasure, Subscriptions } from '../store/contract.js';
import type { Batch } from './batch.js';
import type { ToldNotice } from './notice.js';

export interface NoticeWords {
  /** When a revocation must have been honoured, ms after it. */
  honourWithinMs(account: string): number;
  /** Where a case is answered; null: by an answer to the mail. */
  linkOf(audit: string): string | null;
}

type Of<Kind extends ToldNotice['kind']> = Extract<ToldNotice, { kind: Kind }>;

export function noticeText(batch: Batch, words: NoticeWords): { readonly subject: string; readonly text: string } {
  const sections = [
    ...all(batch, 'audit').map((notice) => auditSection(notice, words)),
    ...revocationSection(batch, words),
    ...all(batch, 'reputation').map(reputationSection),
  ];
  const [first] = sections;
  const subject =
    sections.length === 1 && first !== undefined
      ? `${first.title} (account ${batch.account})`
      : `${sections.length} notices about mail of your account ${batch.account}`;
  const parts = sections.map(({ title, lines }) => [title, '='.repeat(title.length), '', ...lines].join('\n'));
  return { subject: oneLine(subject), text: `${[greeting(batch.account), ...parts].join('\n\n')}\n` };
}

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

function greeting(account: string): string {
  return `This is about mail that your account ${oneLine(account)} sends through us.`;
}

const TITLES = {
  opened: 'Evidence of consent is requested',
  expiring: 'Evidence of consent is due within 24 hours',
  missed: 'Evidence of consent was not produced in time',
  decided: 'A request for evidence was decided',
} as const;

function auditSection({ event, audit }: Of<'audit'>, { linkOf }: NoticeWords): Section {
  const { id, addresses, dueAt } = audit;
  const missing = addresses.filter(({ answer }) => answer === null).map(({ key }) => `  ${oneLine(key)}`);
  if (event === 'decided') return { title: TITLES.decided, lines: [`Case ${id}. ${decision(audit)}`] };
  if (audit.kind === 'probe') return probeSection(event, audit);
  const link = linkOf(id);
  const where =
    link === null
      ? [`Please answer this mail, and name the case ${id}.`]
      : ['Answer by this link, which is for this case only; keep it to yourselves:', '', `  ${link}`];
  const state =
    event === 'missed'
      ? `The time for it ended ${time(dueAt)}. That is a violation of the policy, unless our abuse desk decides otherwise; what you still produce is kept with the case.`
      : `Please produce what proves that these recipients consented to your mail, until ${time(dueAt)}.`;
  return {
    title: TITLES[event],
    lines: [
      `Case ${id}. ${state}`,
      '',
      ...missing,
      '',
      'For each: where and when consent was given, from which IP address, what was shown, when it was confirmed, or a file that proves it.',
      '',
      ...where,
      '',
      'The policy asks you to keep evidence of each recipient\'s consent and to produce it "within 72 hours of receipt of the request" (E-Mail Requirements).',
    ],
  };
}

function decision({ verdict, dueAt }: Of<'audit'>['audit']): string {
  return verdict?.result === 'violation'
    ? `What was produced by ${time(dueAt)} does not prove the consent that the policy asks for: it is recorded as a violation.`
    : 'What was produced satisfies us. Thank you.';
}

function probeSection(event: Of<'audit'>['event'], { id, addresses, dueAt }: Of<'audit'>['audit']): Section {
  const bounces = addresses.flatMap(({ key, answer, bounced }) =>
    answer === null && bounced !== undefined
      ? [`The mail to ${oneLine(key)} came back on ${time(bounced.at)}: ${oneLine(bounced.note)}`]
      : [],
  );
  return {
    title: event === 'missed' ? 'Nobody answered your complaint address' : 'Your complaint address is tested',
    lines: [
      `Case ${id}. A test mail went to ${addresses.map(({ key }) => oneLine(key)).join(', ')}, which you registered for complaints.`,
      event === 'missed'
        ? `Nobody had answered it by ${time(dueAt)}. That is a violation of the policy, unless our abuse desk decides otherwise.`
        : `Somebody must answer it by ${time(dueAt)}, by a plain reply.`,
      ...bounces,
      '',
      'The policy asks you to "promptly respond to messages sent to that address" (E-Mail Requirements).',
    ],
  };
}

function revocationSection(batch: Batch, { honourWithinMs }: NoticeWords): readonly Section[] {
  const revocations = all(batch, 'revocation');
  if (revocations.length === 0) return [];
  const within = honourWithinMs(batch.account);
  const rows = revocations.map(({ address, revokedAt, source, ...of }) => {
    return `  ${oneLine(address)}\n    revoked ${time(revokedAt)} (${oneLine(source)}), off ${leftIn(of)} by ${time(revokedAt + within)}`;
  });
  const title =
    revocations.length === 1 ? 'A recipient revoked consent' : `${revocations.length} recipients revoked consent`;
  return [
    {
      title,
      lines: [
        'Please take these addresses off your lists. Mail to them after the time given is refused, and is a violation of the policy ("Customer honors revocations of consent within 48 hours", E-Mail Requirements).',
        '',
        ...rows,
      ],
    },
  ];
}

function leftIn({ list, stream }: Subscriptions): string {
  if (list !== null) return `the list ${oneLine(list)}`;
  return stream === null ? 'your lists' : `the stream ${oneLine(stream)}`;
}

const MEASURES: Readonly<Record<ReputationMeasure, string>> = {
  rejections: 'addresses that reject your mail for good',
  complaints: 'complaints about your mail',
};

const LEVELS: Readonly<Record<ReputationLevel, string>> = {
  good: 'is back within what we allow',
  review: 'is so high that our abuse desk looks at it',
  stop: 'is so high that your mail is held up',
};

function reputationSection({ measure, level, at }: Of<'reputation'>): Section {
  const remedy =
    measure === 'rejections'
      ? 'Take addresses off your lists that reject mail, and mail only those who asked for it.'
      : 'Mail only those who asked for it, and make it easy to leave.';
  return {
    title: `The share of ${measure} ${LEVELS[level]}`,
    lines: [`Since ${time(at)} the share of ${MEASURES[measure]}, over seven days, ${LEVELS[level]}. ${remedy}`],
  };
}

function all<Kind extends ToldNotice['kind']>({ notices }: Batch, kind: Kind): readonly Of<Kind>[] {
  return notices.filter((notice): notice is Of<Kind> => notice.kind === kind);
}

function time(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

// What recipients and configs wrote must not start lines or headers of its own.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;

function oneLine(text: string): string {
  return text.replace(CONTROL, '?');
}

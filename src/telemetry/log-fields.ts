/**
 * The transaction line: what stands in the log about each transaction, one line
 * of JSON, and what each field means. People and programs read these lines, so
 * a field keeps its name and meaning; docs/logs.md is written from here.
 */

import type { Decision } from '../ledger/decision.js';

export type LogValue = string | number | boolean | null | readonly string[] | readonly LoggedRecipient[];

export interface LoggedRecipient {
  readonly address: string;
  readonly verdict: string;
  readonly reply: string;
  readonly by: string;
}

export interface LogField {
  readonly name: string;
  /** The JSON type, for the docs. */
  readonly type: string;
  readonly meaning: string;
  readonly value: (decision: Decision) => LogValue;
}

/** A line stays readable and bounded: more recipients are counted, not listed. */
export const LISTED_RECIPIENTS = 100;

export const TRANSACTION_FIELDS: readonly LogField[] = [
  field('event', 'string', 'Always `transaction`.', () => 'transaction'),
  field('transaction', 'string', 'The transaction id, `ref=` in replies and in `sluice decisions`.', (d) => d.id),
  field('session', 'string', 'The session that it belongs to.', (d) => d.session),
  field('listener', 'string', 'Name of the listener that the client connected to.', (d) => d.listener),
  field(
    'client',
    'string',
    'IP address of the client, or `unix`; after PROXY or XCLIENT the original one.',
    (d) => d.client,
  ),
  field('account', 'string or null', 'Who is answerable for it; null before anybody was known.', (d) => d.account),
  field('plan', 'string or null', "The account's plan.", (d) => d.plan),
  field('username', 'string or null', 'What the client authenticated as.', (d) => d.username),
  field(
    'reversePath',
    'string or null',
    'MAIL FROM as the client spelled it; empty for `<>`, null before MAIL.',
    (d) => d.reversePath,
  ),
  field('recipientCount', 'number', 'RCPT commands in the transaction, refused ones too.', (d) => d.recipients.length),
  field(
    'recipients',
    'array',
    `The first ${LISTED_RECIPIENTS} recipients: \`address\`, \`verdict\` (pass, defer, reject), \`reply\` that the client heard at RCPT, \`by\` whom (sluice, relay).`,
    (d) => d.recipients.slice(0, LISTED_RECIPIENTS).map(loggedRecipient),
  ),
  field('stage', 'string', 'How far it came: connect, auth, account, mail, recipient, message.', (d) => d.stage),
  field('verdict', 'string', "Sluice's verdict: pass, defer, reject.", (d) => d.verdict),
  field(
    'ending',
    'string',
    'accepted, refused, aborted (the client went away), unknown (the relay was lost after the final dot), passed (we agreed, and the MTA that asked had the last word) or quarantined (kept by the MTA instead of being refused).',
    (d) => d.ending,
  ),
  field('rules', 'array of strings', 'Rules that objected and are enforced.', (d) => rulesOf(d, 'enforce')),
  field('observed', 'array of strings', 'Rules that objected and are only observed.', (d) => rulesOf(d, 'observe')),
  field('reply', 'string', 'The last reply to the transaction, code first.', (d) => d.reply),
  field('by', 'string', 'Whose reply that was: sluice or relay.', (d) => d.by),
  field('queueId', 'string or null', 'What the relay calls the accepted message.', (d) => d.queueId),
  field('size', 'number or null', 'Octets of the message; null if it never came.', (d) => d.size),
  field('skipped', 'boolean', 'True when rules could not be judged since the store was away.', (d) => d.skipped),
  field('durationMs', 'number', 'From the first command of the transaction to its last reply.', (d) =>
    Math.round(d.durationMs),
  ),
];

/** The transaction line as an object, ready for JSON. */
export function transactionLine(decision: Decision): { readonly [field: string]: LogValue } {
  const line: Record<string, LogValue> = {};
  for (const { name, value } of TRANSACTION_FIELDS) line[name] = value(decision);
  return line;
}

function field(name: string, type: string, meaning: string, value: LogField['value']): LogField {
  return { name, type, meaning, value };
}

function loggedRecipient({ address, verdict, reply, by }: Decision['recipients'][number]): LoggedRecipient {
  return { address, verdict, reply, by };
}

function rulesOf(decision: Decision, mode: 'enforce' | 'observe'): readonly string[] {
  const rules = new Set<string>();
  for (const objection of decision.objections) if (objection.mode === mode) rules.add(objection.rule);
  for (const { objections } of decision.recipients) {
    for (const objection of objections) if (objection.mode === mode) rules.add(objection.rule);
  }
  return [...rules];
}

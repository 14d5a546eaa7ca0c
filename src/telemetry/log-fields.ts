/**
 * The transaction line: what stands in the log about each transaction, one line
 * of JSON, and what each field means. People and programs read these lines, so
 * a field keeps its name and meaning; docs/logs.md is written from here.
 */

import type { Decision } from '../ledger/decision.js';

export interface LoggedRecipient {
  readonly address: string;
  readonly verdict: string;
  readonly reply: string;
  readonly by: string;
}

/** The transaction line, ready for JSON. */
export type TransactionLine = ReturnType<typeof transactionLine>;

export interface LogField {
  readonly name: keyof TransactionLine;
  /** The JSON type, for the docs. */
  readonly type: string;
  readonly meaning: string;
}

/** A line stays readable and bounded: more recipients are counted, not listed. */
export const LISTED_RECIPIENTS = 100;

/** In the order of the line. */
export const TRANSACTION_FIELDS: readonly LogField[] = [
  field('event', 'string', 'Always `transaction`.'),
  field('transaction', 'string', 'The transaction id, `ref=` in replies and in `sluice decisions`.'),
  field('session', 'string', 'The session that it belongs to.'),
  field('listener', 'string', 'Name of the listener that the client connected to.'),
  field('client', 'string', 'IP address of the client, or `unix`; after PROXY or XCLIENT the original one.'),
  field('account', 'string or null', 'Who is answerable for it; null before anybody was known.'),
  field('plan', 'string or null', "The account's plan."),
  field('username', 'string or null', 'What the client authenticated as.'),
  field('reversePath', 'string or null', 'MAIL FROM as the client spelled it; empty for `<>`, null before MAIL.'),
  field('recipientCount', 'number', 'RCPT commands in the transaction, refused ones too.'),
  field(
    'recipients',
    'array',
    `The first ${LISTED_RECIPIENTS} recipients: \`address\`, \`verdict\` (pass, defer, reject), \`reply\` that the client heard at RCPT, \`by\` whom (sluice, relay).`,
  ),
  field('stage', 'string', 'How far it came: connect, auth, account, mail, recipient, message.'),
  field('verdict', 'string', "Sluice's verdict: pass, defer, reject."),
  field(
    'ending',
    'string',
    'accepted, refused, aborted (the client went away), unknown (the relay was lost after the final dot), passed (we agreed, and the MTA that asked had the last word) or quarantined (kept by the MTA instead of being refused).',
  ),
  field('rules', 'array of strings', 'Rules that objected and are enforced.'),
  field('observed', 'array of strings', 'Rules that objected and are only observed.'),
  field('reply', 'string', 'The last reply to the transaction, code first.'),
  field('by', 'string', 'Whose reply that was: sluice or relay.'),
  field('queueId', 'string or null', 'What the relay calls the accepted message.'),
  field('size', 'number or null', 'Octets of the message; null if it never came.'),
  field('skipped', 'boolean', 'True when rules could not be judged since the store was away.'),
  field('durationMs', 'number', 'From the first command of the transaction to its last reply.'),
];

/** Written out: made from a table it cost 2 µs more, and its JSON 1.5. */
export function transactionLine(decision: Decision) {
  return {
    event: 'transaction',
    transaction: decision.id,
    session: decision.session,
    listener: decision.listener,
    client: decision.client,
    account: decision.account,
    plan: decision.plan,
    username: decision.username,
    reversePath: decision.reversePath,
    recipientCount: decision.recipients.length,
    recipients: decision.recipients.slice(0, LISTED_RECIPIENTS).map(loggedRecipient),
    stage: decision.stage,
    verdict: decision.verdict,
    ending: decision.ending,
    rules: rulesOf(decision, 'enforce'),
    observed: rulesOf(decision, 'observe'),
    reply: decision.reply,
    by: decision.by,
    queueId: decision.queueId,
    size: decision.size,
    skipped: decision.skipped,
    durationMs: Math.round(decision.durationMs),
  };
}

function field(name: LogField['name'], type: string, meaning: string): LogField {
  return { name, type, meaning };
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

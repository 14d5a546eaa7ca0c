/**
 * A decision as the store keeps it: JSON with a version, checked when it is read
 * back, since another Sluice may have written it.
 */

import { z } from 'zod';
import type { MessageFindings, MessageNeed } from '../policy/message-facts.js';
import type { JsonValue } from '../policy/rule.js';
import { REPUTATION_LEVELS, type StoredDecision } from '../store/contract.js';
import type { Decision, RecordedObjection } from './decision.js';
import { decisionJson } from './decision-json.js';

/** Raised when a field changes its meaning or goes; a new optional field does not need it. */
export const DECISION_VERSION = 1;

/** A kept decision that this Sluice cannot read: written by a newer one, or damaged. */
export class UnreadableDecision extends Error {
  readonly code = 'UNREADABLE_DECISION';
  constructor(
    readonly id: string,
    reason: string,
  ) {
    super(`decision ${id}: ${reason}`);
    this.name = 'UnreadableDecision';
  }
}

export function encodeDecision(decision: Decision): StoredDecision {
  return {
    id: decision.id,
    at: decision.at,
    account: decision.account,
    verdict: decision.verdict,
    rules: [...new Set(objectionsOf(decision).map(({ rule }) => rule))],
    body: decisionJson(DECISION_VERSION, decision),
  };
}

/** Throws `UnreadableDecision`. */
export function decodeDecision(stored: Pick<StoredDecision, 'id' | 'body'>): Decision {
  const json = parseJson(stored);
  const head = z.object({ version: z.number() }).safeParse(json);
  if (!head.success) throw new UnreadableDecision(stored.id, 'it has no version');
  if (head.data.version !== DECISION_VERSION) {
    throw new UnreadableDecision(stored.id, `version ${head.data.version}, this Sluice reads ${DECISION_VERSION}`);
  }
  const parsed = decisionSchema.safeParse(json);
  if (!parsed.success) throw new UnreadableDecision(stored.id, whatIsWrong(parsed.error));
  return parsed.data;
}

/** All objections of a decision: the transaction's and each recipient's. */
export function objectionsOf(decision: Decision): readonly RecordedObjection[] {
  const all = [...decision.objections];
  for (const { objections } of decision.recipients) all.push(...objections);
  return all;
}

function parseJson(stored: Pick<StoredDecision, 'id' | 'body'>): unknown {
  try {
    return JSON.parse(stored.body);
  } catch {
    throw new UnreadableDecision(stored.id, 'it is not JSON');
  }
}

function whatIsWrong(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'malformed' : `${issue.path.join('.')}: ${issue.message}`;
}

// ---------------------------------------------------------------- the shape

/** A field that decisions of an earlier Sluice lack: null there. */
function addedLater<T extends z.ZodType>(schema: T) {
  return schema.nullable().default(null);
}

const verdict = z.enum(['pass', 'defer', 'reject']);
const stage = z.enum(['connect', 'auth', 'account', 'mail', 'recipient', 'message']);
const by = z.enum(['sluice', 'relay']);
const ruleId = z.templateLiteral([z.string(), '.', z.string()]);

const jsonValue: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonValue), z.record(z.string(), jsonValue)]),
);

const objection = z.object({
  rule: ruleId,
  stage,
  mode: z.enum(['observe', 'enforce']),
  verdict: z.enum(['defer', 'reject']),
  situation: z.string(),
  reply: z.string(),
  evidence: z.record(z.string(), jsonValue),
});

const resource = z.enum(['messages', 'recipients', 'bytes', 'self-bytes', 'exempt-recipients', 'sessions', 'failures']);

const usage = z.object({
  limit: z.object({ rule: z.string(), resource, perMs: z.number(), count: z.number(), enforced: z.boolean() }),
  used: z.number(),
  over: z.boolean(),
  freesUpInMs: z.number().nullable(),
});

const suppression = z.object({
  key: z.string(),
  account: z.string().nullable(),
  reason: z.enum(['unsubscribed', 'complained', 'bounced', 'manual']),
  at: z.number(),
  by: z.string(),
  note: z.string(),
  expiresAt: z.number().nullable(),
});

const revocation = z.object({ key: z.string(), account: z.string(), at: z.number(), source: z.string() });

const streak = z.object({
  key: z.string(),
  account: z.string().nullable(),
  count: z.number(),
  firstAt: z.number(),
  latestAt: z.number(),
  latestStatus: z.string(),
});

const level = z.enum(REPUTATION_LEVELS);

const reputation = z.object({
  mailed: z.number(),
  rejected: z.number(),
  refusedForUs: z.number(),
  complained: z.number(),
  levels: z.object({ rejections: level, complaints: level }),
});

const recipient = z.object({
  address: z.string(),
  verdict,
  reply: z.string(),
  by,
  objections: z.array(objection),
  facts: z
    .object({
      position: z.number(),
      exempt: z.boolean(),
      usage: z.array(usage),
      suppression: suppression.nullable(),
      revocation: revocation.nullable(),
      rejections: streak.nullable(),
      now: addedLater(z.number()),
      flood: addedLater(z.object({ account: z.number(), everyone: z.number() })),
    })
    .nullable(),
});

const asked = z.object({
  facts: z.array(z.enum(['suppression', 'revocation', 'rejections'])),
  streakScope: z.enum(['account', 'global']),
  matchSubaddress: z.boolean(),
  message: z.array(z.string() as unknown as z.ZodType<MessageNeed>).default([]),
});

/**
 * Findings are checked as far as rules could stumble over them; what a finding
 * has within is the finder's, and a change of its meaning raises the version.
 */
const message = z.looseObject({
  kind: z.string(),
  bulk: z.looseObject({ signs: z.array(z.unknown()) }),
  ...Object.fromEntries(
    ['mailboxes', 'source', 'senderDomains', 'recipients', 'postalAddresses', 'consents', 'patterns', 'signatures'].map(
      (list) => [list, z.array(z.unknown())],
    ),
  ),
}) as unknown as z.ZodType<MessageFindings>;

const accountState = z.object({
  account: z.string(),
  standing: z.enum(['good', 'warned', 'suspended', 'terminated']),
  changed: z.object({ reason: z.string(), by: z.string(), at: z.number() }).nullable(),
  until: z.number().nullable(),
  firstAcceptedAt: z.number().nullable(),
});

const decisionSchema: z.ZodType<Decision> = z.object({
  id: z.string(),
  at: z.number(),
  stage,
  session: z.string(),
  listener: z.string(),
  client: z.string(),
  account: z.string().nullable(),
  plan: z.string().nullable(),
  username: z.string().nullable(),
  reversePath: z.string().nullable(),
  recipients: z.array(recipient),
  objections: z.array(objection),
  verdict,
  ending: z.enum(['accepted', 'refused', 'aborted', 'unknown', 'passed', 'quarantined']),
  reply: z.string(),
  by,
  queueId: z.string().nullable(),
  size: z.number().nullable(),
  declaredSize: addedLater(z.number()),
  mailAt: addedLater(z.number()),
  messageAt: addedLater(z.number()),
  asked: addedLater(asked),
  messageUsage: z.array(usage),
  message: addedLater(message),
  accountState: accountState.nullable(),
  reputation: addedLater(reputation),
  skipped: z.boolean(),
  durationMs: z.number(),
});

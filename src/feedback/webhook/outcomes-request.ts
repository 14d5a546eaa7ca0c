import { z } from 'zod';
import { parseAddress } from '../../smtp/path.js';
import { type OutcomeReport, REPORTED_KINDS } from '../../store/contract.js';
import { reportOf } from './told-outcome.js';

/** In one request. */
export const MOST_OUTCOMES = 1000;

const CLASSES = [
  'unknown',
  'disabled',
  'moved',
  'full',
  'domain-gone',
  'expired',
  'content',
  'policy',
  'reputation',
  'infrastructure',
  'network',
  'undetermined',
] as const;

const name = z.string().min(1).max(998).nullable().default(null);

const outcomeSchema = z.strictObject({
  recipient: z.string().refine((address) => parseAddress(address) !== null, { error: 'expected an address' }),
  kind: z.enum(REPORTED_KINDS),
  status: z
    .string()
    .regex(/^[245]\.\d{1,3}\.\d{1,3}$/, { error: 'expected an enhanced status code such as 5.1.1' })
    .nullable()
    .default(null),
  diagnostic: z.string().max(2000).default(''),
  class: z.enum(CLASSES).nullable().default(null),
  at: z.iso
    .datetime({ offset: true })
    .transform((at) => Date.parse(at))
    .nullable()
    .default(null),
  message: z
    .strictObject({ transaction: name, queueId: name, messageId: name, envid: name })
    .refine((message) => Object.values(message).some((value) => value !== null), {
      error: 'expected at least one of transaction, queueId, messageId, envid',
    }),
});

const requestSchema = z.strictObject({ outcomes: z.array(outcomeSchema).min(1).max(MOST_OUTCOMES) });

export type OutcomesRequest =
  | { readonly ok: true; readonly reports: readonly OutcomeReport[] }
  | { readonly ok: false; readonly message: string; readonly param: string };

/** `POST /v1/outcomes`: all of it is taken, or nothing and the first mistake named. */
export function readOutcomesRequest(body: unknown): OutcomesRequest {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, message: issue?.message ?? 'not an outcomes request', param: (issue?.path ?? []).join('.') };
  }
  const reports = parsed.data.outcomes.flatMap(({ message, ...said }) => {
    const report = reportOf(
      {
        ...said,
        queueIds: message.queueId === null ? [] : [message.queueId],
        messageId: message.messageId,
        envid: message.envid,
      },
      'api',
    );
    return report === null ? [] : [{ ...report, message: { ...report.message, id: message.transaction } }];
  });
  return { ok: true, reports };
}

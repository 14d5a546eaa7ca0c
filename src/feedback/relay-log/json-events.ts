/**
 * Any other MTA's log, turned into events by a program of the operator's: one JSON
 * object a line with the members of `log-event.ts`, `at` as ISO 8601 or ms.
 * docs/feedback.md describes it. Members that may be null may be left out.
 */

import { z } from 'zod';
import type { LogEvent, LogFormat } from './log-event.js';

const instant = z.union([
  z.number().nonnegative(),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
]);
const text = z.string().max(4000);
const optionalText = text.nullable().default(null);
const where = { at: instant, host: text.default(''), queueId: z.string().min(1).max(128) };

const eventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('arrived'),
    ...where,
    first: z.boolean().default(true),
    sender: optionalText,
    messageId: optionalText,
    previousId: optionalText,
    local: z.boolean().default(false),
  }),
  z.object({
    event: z.literal('delivery'),
    ...where,
    fate: z.enum(['sent', 'bounced', 'deferred', 'expired', 'discarded']),
    recipient: z.string().min(1).max(1000),
    originalRecipient: optionalText,
    status: z
      .string()
      .regex(/^[245]\.\d{1,3}\.\d{1,3}$/)
      .nullable()
      .default(null),
    text: text.default(''),
    remoteMta: optionalText,
    agent: z.string().max(64).default(''),
    nextId: optionalText,
    nextIsLocal: z.boolean().default(false),
  }),
  z.object({ event: z.literal('expired'), ...where, text: text.default('') }),
  z.object({ event: z.literal('removed'), ...where }),
]);

export const jsonEvents: LogFormat = {
  name: 'events',
  parse(line): LogEvent | null {
    if (!line.startsWith('{')) return null;
    try {
      return eventSchema.safeParse(JSON.parse(line)).data ?? null;
    } catch {
      return null;
    }
  },
};

import { z } from 'zod';
import { durationSchema } from '../../units/duration.js';
import { sizeSchema } from '../../units/size.js';

const timeoutsSchema = z
  .strictObject({
    command: durationSchema({ minMs: 100 })
      .prefault('5m')
      .describe(
        'A client that sends no whole command line for so long hears 421, however many of its bytes came (RFC 5321 section 4.5.3.2.7 asks for 5 minutes).',
      ),
    data: durationSchema({ minMs: 100 })
      .prefault('5m')
      .describe(
        'A client that sends neither 64 KiB of its message nor the end of it for so long hears 421 (RFC 5321 section 4.5.3.2.5 gives a client 3 minutes for a block).',
      ),
  })
  .prefault({})
  .describe('How long clients are waited for.');

export const smtpSchema = z
  .strictObject({
    maxMessageSize: sizeSchema()
      .prefault('50MiB')
      .describe('Larger messages are refused with 552. No more than the relay takes is announced.'),
    inspectWindow: sizeSchema()
      .prefault('256KiB')
      .describe(
        'A message up to this size is judged before the relay hears DATA; of a longer one only the end is held back.',
      ),
    bareNewline: z
      .enum(['reject', 'normalise'])
      .default('reject')
      .describe(
        'CR or LF alone, or NUL, in a message: refuse it, or make CRLF of them and drop NUL. They are never passed on, since a relay may see an end of data there (SMTP smuggling).',
      ),
    longLines: z
      .enum(['pass', 'reject'])
      .default('pass')
      .describe('Lines of more than 998 octets (RFC 5322 section 2.1.1).'),
    received: z.boolean().default(true).describe('Prepend a `Received:` field (RFC 5321 section 4.4).'),
    maxErrors: z.int().min(1).max(10_000).default(20).describe('After so many errors a session is closed with 421.'),
    timeouts: timeoutsSchema,
  })
  .prefault({})
  .describe('The SMTP conversation with clients, on every listener.');

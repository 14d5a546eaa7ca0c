/** Names that texts of the config must be: networks, accounts, domains, address patterns. */

import { z } from 'zod';
import { ACCOUNT_ID, ACCOUNT_ID_EXPECTED } from '../../account/account-id.js';
import { parseNetwork } from '../../account/cidr.js';
import { normaliseDomain } from '../../smtp/address.js';
import { parsePattern } from '../../smtp/address-pattern.js';
import { parseAddress } from '../../smtp/path.js';

export const accountIdSchema = () => z.string().regex(ACCOUNT_ID, { error: `expected ${ACCOUNT_ID_EXPECTED}` });

/** Of a listener, as logs and metrics call it. */
export const listenerNameSchema = () =>
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, { error: 'expected a name of letters, digits, -, _ and .' })
    .describe('What logs and metrics call it.');

/** An address, a network in CIDR notation, or `unix`. */
export const networkSchema = () =>
  z.string().superRefine((text, context) => {
    const result = parseNetwork(text);
    if (!result.ok) context.addIssue({ code: 'custom', message: `expected ${result.reason}` });
  });

/** A mail domain, in U-labels or A-labels. */
export const domainSchema = () =>
  z.string().refine((text) => normaliseDomain(text) !== null && !text.startsWith('['), {
    error: 'expected a domain such as example.com',
  });

export const patternSchema = () =>
  z.string().refine((text) => parsePattern(text).ok, {
    error: 'expected a@example.com, example.com or *.example.com',
  });

/** An address in ASCII, without a name. */
export const mailAddressSchema = () =>
  z.string().refine((text) => /^[\x21-\x7e]+$/.test(text) && (parseAddress(text)?.domain ?? '') !== '', {
    error: 'expected an address such as abuse@example.com',
  });

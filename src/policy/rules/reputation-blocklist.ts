import { isIP } from 'node:net';
import { z } from 'zod';
import type { MessageFacts, Objection, Rule } from '../rule.js';

const zoneSchema = z.strictObject({
  zone: z
    .string()
    .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/, { error: 'expected a zone such as zen.spamhaus.org' })
    .describe('The name of the list in the DNS.'),
  codes: z
    .array(z.string().regex(/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/, { error: 'expected an answer such as 127.0.0.2' }))
    .exactOptional()
    .describe('Answers that count; none given: all listings.'),
});

const parameters = z.strictObject({
  zones: z
    .array(zoneSchema)
    .max(20)
    .default([])
    .describe(
      'DNS blocklists (RFC 5782): `zone`, and the answers (`codes`) that count; none given: all listings. Mind the terms of each list.',
    ),
  addresses: z
    .array(z.string().refine((text) => isIP(text) !== 0, { error: 'expected an IP address' }))
    .max(100)
    .default([])
    .describe("The account's IP addresses towards the world, best set for each plan or account."),
  verdict: z.enum(['defer', 'reject']).default('defer').describe('What becomes of mail while one of them is listed.'),
});

type Parameters = z.infer<typeof parameters>;

function judge({ message }: MessageFacts, { verdict }: Parameters): Objection | null {
  const listings = message?.listings?.listings ?? [];
  const [first] = listings;
  if (first === undefined) return null;
  return {
    situation: verdict === 'defer' ? 'listedDefer' : 'listed',
    values: { address: first.address, zone: first.zone },
    evidence: { listings: listings.map(({ address, zone, codes }) => ({ address, zone, codes })) },
  };
}

const text = "This account's address {address} is listed by {zone}";

export const reputationBlocklist: Rule<Parameters> = {
  id: 'reputation.blocklist',
  summary: "The account's IP addresses are on no DNS blocklist.",
  clause: {
    section: 'Domain Name Registration; IP Address Registration; Etc.',
    text: "Customer agrees that if SmartSource IP numbers assigned to Customer account are listed on an abuse database (e.g., Spamhaus), Customer will be in violation of this AUP, and SmartSource may take reasonable action to protect its IP addresses, including suspension or termination of the Services, regardless of whether or not the IP addresses were so listed as a result of Customer's actions.",
  },
  parameters,
  replies: {
    listedDefer: {
      code: 451,
      status: '4.7.0',
      text: `${text}, please try again later`,
      when: 'A list of `zones` lists one of `addresses`, and `verdict: defer`.',
      remedy: 'Find out from the list why, end the cause, and ask the list to take the address off.',
    },
    listed: {
      code: 554,
      status: '5.7.1',
      text,
      when: 'A list of `zones` lists one of `addresses`, and `verdict: reject`.',
      remedy: 'Find out from the list why, end the cause, and ask the list to take the address off.',
    },
  },
  needs: [],
  messageNeeds: ({ zones, addresses }) => (zones.length > 0 && addresses.length > 0 ? ['listings'] : []),
  defaultMode: 'observe',
  exemptible: false,
  judge: { message: judge },
};

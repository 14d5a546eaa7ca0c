import { z } from 'zod';
import type { SourceFinding, SourceProblem } from '../../message/findings.js';
import { durationSchema } from '../../units/duration.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';

const PROBLEMS: readonly SourceProblem[] = [
  'missing',
  'duplicated',
  'malformed',
  'empty',
  'date-far-off',
  'several-authors',
  'smuggling',
  'forged-trace',
  'display-name-address',
];

const parameters = z.strictObject({
  ignore: z
    .array(z.enum(PROBLEMS as [SourceProblem, ...SourceProblem[]]))
    .default([])
    .describe('Problems that pass. Mail programs that leave a field to their server have `missing` ones.'),
  ignoreFields: z
    .array(z.string().min(1).max(100))
    .default([])
    .describe('Fields whose problems pass, such as `Message-ID` where the relay adds it.'),
  past: durationSchema().prefault('7d').describe('A Date further back than this is far off.'),
  future: durationSchema().prefault('1d').describe('A Date further ahead than this is far off.'),
  ownHosts: z
    .array(z.string().min(1).max(255).toLowerCase())
    .max(1000)
    .default([])
    .describe(
      'Host names that only hosts behind Sluice write in Received and Authentication-Results: a message that comes with one is forged. Not those through which forwarded mail may have come before.',
    ),
  senderDomain: z
    .enum(['pass', 'reject'])
    .default('pass')
    .describe(
      'What becomes of mail from a domain (of From or of MAIL FROM) that the DNS says takes no mail. `pass`: it is not asked.',
    ),
  dnsFailure: z
    .enum(['pass', 'defer'])
    .default('pass')
    .describe('What becomes of mail from a domain of which the DNS says nothing.'),
});

type Parameters = z.infer<typeof parameters>;

function judge({ message }: MessageFacts, asked: Parameters): Objection | null {
  if (message === null) return null;
  const fields = asked.ignoreFields.map((field) => field.toLowerCase());
  const problems = message.source.filter(
    ({ problem, field }) => !asked.ignore.includes(problem) && !fields.includes(field?.toLowerCase() ?? ''),
  );
  const [worst] = problems;
  if (worst !== undefined) return ofProblem(worst, problems);
  if (asked.senderDomain === 'pass') return null;
  const dead = message.senderDomains.find(({ receives }) => receives === 'no');
  if (dead !== undefined) {
    const { domain, detail } = dead;
    return { situation: 'unresolvable', values: { domain, detail }, evidence: { domain, detail } };
  }
  const unknown = message.senderDomains.find(({ receives }) => receives === 'unknown');
  if (unknown === undefined || asked.dnsFailure === 'pass') return null;
  const { domain, detail } = unknown;
  return { situation: 'unknownDomain', values: { domain }, evidence: { domain, detail } };
}

function ofProblem({ detail }: SourceFinding, all: readonly SourceFinding[]): Objection {
  return {
    situation: 'obscured',
    values: { detail },
    evidence: { problems: all.slice(0, 20).map(({ problem, field, detail }) => ({ problem, field, detail })) },
  };
}

export const messageSource: Rule<Parameters> = {
  id: 'message.source',
  summary: 'The header section does not obscure where the message is from.',
  clause: {
    section: 'System and Network Security',
    text: 'Using any forged, false, misleading, or deceptive TCP/IP packet header or any part of the header information in any email or newsgroup posting;',
  },
  parameters,
  replies: {
    obscured: {
      code: 554,
      status: '5.6.0',
      text: 'The header of this message is not in order: {detail}',
      when: 'A field is missing, doubled, malformed or forged, or two readers could read the header section differently.',
      remedy: 'Send RFC 5322 messages; the reply names the field.',
    },
    unresolvable: {
      code: 554,
      status: '5.1.8',
      text: 'Mail from {domain} cannot be answered: {detail}',
      when: 'The DNS says that the domain of From or MAIL FROM takes no mail, and `senderDomain: reject`.',
      remedy: 'Send from a domain that takes mail.',
    },
    unknownDomain: {
      code: 451,
      status: '4.1.8',
      text: 'Nothing is known of the sender domain {domain} at the moment, please try again later',
      when: 'The DNS does not answer about the domain, and `dnsFailure: defer`.',
      remedy: 'Nothing: a mail server tries again by itself. If it stays so, repair the name servers of the domain.',
    },
  },
  needs: [],
  messageNeeds: ({ senderDomain }) => (senderDomain === 'pass' ? ['source'] : ['source', 'sender-domain']),
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};

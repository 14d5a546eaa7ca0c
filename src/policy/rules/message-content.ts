import { z } from 'zod';
import type { MessageFacts, Objection, Rule } from '../rule.js';

const parameters = z.strictObject({
  spamScore: z.number().min(-1000).max(1000).default(15).describe("From this score of rspamd's on, mail is refused."),
  spamAction: z
    .enum(['ignore', 'follow'])
    .default('follow')
    .describe("Whether rspamd's own `reject` and `soft reject` are followed, whatever the score."),
  patterns: z
    .enum(['reject', 'defer'])
    .default('reject')
    .describe('What becomes of mail that matches a pattern of `scanners.patterns`.'),
  onFailure: z
    .enum(['pass', 'defer'])
    .default('defer')
    .describe('What becomes of mail when a scanner that is configured does not answer.'),
});

type Parameters = z.infer<typeof parameters>;

function judge({ message }: MessageFacts, asked: Parameters): Objection | null {
  if (message === null) return null;
  const { virus, spam, patterns } = message;
  if (virus?.result === 'infected') {
    return { situation: 'virus', values: { name: virus.name }, evidence: { virus: virus.name } };
  }
  const [match] = patterns;
  if (match !== undefined) {
    const situation = asked.patterns === 'reject' ? 'pattern' : 'patternDefer';
    return {
      situation,
      values: { pattern: match.pattern },
      evidence: { matches: patterns.map((one) => ({ ...one })) },
    };
  }
  return ofSpam(spam, asked) ?? ofFailure(virus, spam, asked);
}

function ofSpam(
  spam: NonNullable<MessageFacts['message']>['spam'],
  { spamScore, spamAction }: Parameters,
): Objection | null {
  if (spam?.result !== 'scored') return null;
  const { score, action } = spam;
  const follow = spamAction === 'follow';
  const evidence = { score, action, symbols: spam.symbols.map((symbol) => ({ ...symbol })) };
  if (score >= spamScore || (follow && action === 'reject')) return { situation: 'spam', values: { score }, evidence };
  return follow && action === 'soft reject' ? { situation: 'spamDefer', values: { score }, evidence } : null;
}

function ofFailure(
  virus: NonNullable<MessageFacts['message']>['virus'],
  spam: NonNullable<MessageFacts['message']>['spam'],
  { onFailure }: Parameters,
): Objection | null {
  if (onFailure === 'pass') return null;
  for (const verdict of [virus, spam]) {
    if (verdict?.result === 'failed') return { situation: 'unavailable', values: {}, evidence: { why: verdict.why } };
  }
  return null;
}

export const messageContent: Rule<Parameters> = {
  id: 'message.content',
  summary: 'Messages have no virus, are no spam, and match no forbidden pattern. Needs `scanners`.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'or (e) offering for sale or solicit email distribution lists for the purposes of bulk email.',
  },
  parameters,
  replies: {
    virus: {
      code: 554,
      status: '5.7.1',
      text: 'The message has the virus {name} in it',
      when: 'clamd found something.',
      remedy: 'Clean the machine that sent it.',
    },
    spam: {
      code: 554,
      status: '5.7.1',
      text: 'The message looks like spam (score {score})',
      when: "rspamd's score is `spamScore` or more, or rspamd says `reject`.",
      remedy: 'If it is no spam, ask your provider with the reference.',
    },
    spamDefer: {
      code: 451,
      status: '4.7.0',
      text: 'The message is held up as possible spam (score {score}), please try again later',
      when: 'rspamd says `soft reject`.',
      remedy: 'Nothing: a mail server tries again by itself.',
    },
    pattern: {
      code: 554,
      status: '5.7.1',
      text: 'The message has content that is not allowed here ({pattern})',
      when: 'The message matches a pattern of `scanners.patterns`, and `patterns: reject`.',
      remedy: 'If the content is allowed, ask your provider with the reference.',
    },
    patternDefer: {
      code: 451,
      status: '4.7.0',
      text: 'The message is held up for its content ({pattern}), please try again later',
      when: 'The message matches a pattern of `scanners.patterns`, and `patterns: defer`.',
      remedy: 'Ask your provider with the reference.',
    },
    unavailable: {
      code: 451,
      status: '4.7.0',
      text: 'The message cannot be scanned at the moment, please try again later',
      when: 'A scanner does not answer, and `onFailure: defer`.',
      remedy: 'Nothing: a mail server tries again by itself.',
    },
  },
  needs: [],
  messageNeeds: () => ['scans'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};

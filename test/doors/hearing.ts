import { type Mail, sendMail } from '../support/mail.js';
import type { SmtpClient, SmtpClientReply } from '../support/smtp-client.js';

/** What a client heard of one message, in the words that must not depend on the door. */
export interface Heard {
  readonly recipients: readonly string[];
  /** Null: it never came so far. */
  readonly end: string | null;
}

/**
 * Sends a mail and tells what was heard. MAIL that is refused counts as heard by
 * every recipient: a Postfix that asks us by policy delegation says it there.
 */
export async function hear(client: SmtpClient, mail: Mail): Promise<Heard> {
  const { mail: reply, recipients, data, end } = await sendMail(client, mail);
  // Postfix keeps what was refused at its end until it hears RSET.
  await client.command('RSET');
  if (reply.code !== 250) return { recipients: mail.to.map(() => inOurWords(reply)), end: null };
  return {
    recipients: recipients.map(inOurWords),
    end: end === null ? (data === null ? null : inOurWords(data)) : inOurWords(end),
  };
}

/** Without what Postfix puts before it, the reference, and waits that go on while we look. */
export function inOurWords({ code, text }: SmtpClientReply): string {
  if (code < 400) return `${code}`;
  return `${code} ${text}`
    .replace(POSTFIX_SAYS, '$1 ')
    .replace(/ ref=\S+/, ' ref=…')
    .replace(/again in .* ref=/, 'again in a while ref=');
}

/** `450 4.7.0 <b@example.net>: Recipient address rejected: …` */
const POSTFIX_SAYS = /^(\d{3} \d\.\d+\.\d+) <[^>]*>: [A-Z][\w -]* rejected: /;

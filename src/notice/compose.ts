import { createTransport } from 'nodemailer';

export interface OurMail {
  readonly messageId: string;
  readonly from: string;
  readonly replyTo: string | null;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

/**
 * A mail that no robot should answer (RFC 3834 §5) and no list sent, with CRLF at
 * the ends of lines.
 */
export async function composed({ messageId, from, replyTo, to, subject, text }: OurMail): Promise<Buffer> {
  const { message } = await composer.sendMail({
    messageId: `<${messageId}>`,
    from,
    to: [...to],
    subject,
    text,
    ...(replyTo === null ? {} : { replyTo }),
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  if (!Buffer.isBuffer(message)) throw new Error('nodemailer composed a stream');
  return message;
}

/** A whole mail over a raw client, step by step, with every reply kept. */

import { connectSmtp, type SmtpClient, type SmtpClientOptions, type SmtpClientReply } from './smtp-client.js';

export interface Mail {
  readonly from?: string;
  readonly to: readonly string[];
  /** In wire form, without the final dot; a Buffer goes as it is. */
  readonly data?: string | Buffer;
  readonly mailParameters?: string;
}

export interface SentMail {
  readonly mail: SmtpClientReply;
  readonly recipients: readonly SmtpClientReply[];
  /** Null when no recipient was accepted and DATA was not sent. */
  readonly data: SmtpClientReply | null;
  /** The reply to the end of data; null when it never came so far. */
  readonly end: SmtpClientReply | null;
}

/** Connects, reads the greeting and says EHLO. */
export async function openSession(port: number, options: SmtpClientOptions = {}): Promise<SmtpClient> {
  const client = await connectSmtp({ ...options, port });
  const greeting = await client.read();
  if (greeting.code !== 220) throw new Error(`greeted with ${greeting.code} ${greeting.text}`);
  const hello = await client.command('EHLO client.example');
  if (hello.code !== 250) throw new Error(`EHLO was answered ${hello.code} ${hello.text}`);
  return client;
}

/** Like a well-behaved client: goes on while replies are good, RSET when no recipient is left. */
export async function sendMail(client: SmtpClient, mail: Mail): Promise<SentMail> {
  const parameters = mail.mailParameters === undefined ? '' : ` ${mail.mailParameters}`;
  const reply = await client.command(`MAIL FROM:<${mail.from ?? 'a@example.com'}>${parameters}`);
  if (reply.code !== 250) return { mail: reply, recipients: [], data: null, end: null };
  const recipients: SmtpClientReply[] = [];
  for (const to of mail.to) recipients.push(await client.command(`RCPT TO:<${to}>`));
  if (!recipients.some(({ code }) => code === 250)) {
    await client.command('RSET');
    return { mail: reply, recipients, data: null, end: null };
  }
  const data = await client.command('DATA');
  if (data.code !== 354) return { mail: reply, recipients, data, end: null };
  client.write(mail.data ?? 'Subject: test\r\n\r\nhello\r\n');
  return { mail: reply, recipients, data, end: await client.command('.') };
}

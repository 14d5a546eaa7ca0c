import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerEnvelope } from 'smtp-server';

/** What lies beside a captured message, as `<same name>.json`. */
export interface CapturedEnvelope {
  readonly id: string;
  /** Without angle brackets; empty for the null reverse-path. */
  readonly reversePath: string;
  readonly parameters: Readonly<Record<string, string | true>>;
  readonly recipients: readonly {
    readonly address: string;
    readonly parameters: Readonly<Record<string, string | true>>;
  }[];
  /** Octets of the message, dot-unstuffed. */
  readonly size: number;
  /** ISO 8601. */
  readonly receivedAt: string;
}

export interface CaptureRelay {
  readonly port: number;
  close(): Promise<void>;
}

/** As much as most relays take. */
const MAX_MESSAGE_OCTETS = 50 * 1024 * 1024;

/**
 * The trial relay: an SMTP server on loopback that delivers nowhere. Each message
 * becomes `<time>-<id>.eml`, byte by byte, and its envelope `<time>-<id>.json`
 * beside it; the envelope appears last, so who finds it finds both whole.
 *
 * @param options.port 0 or none: any free one
 */
export async function startCaptureRelay(options: {
  readonly directory: string;
  readonly port?: number;
}): Promise<CaptureRelay> {
  await mkdir(options.directory, { recursive: true });
  const unfinished = new Set<Promise<unknown>>();
  const server = new SMTPServer({
    name: 'trial-relay.localhost',
    banner: 'trial relay: writes messages to files, delivers nowhere',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    hideDSN: false,
    hideREQUIRETLS: true,
    size: MAX_MESSAGE_OCTETS,
    onData(stream, session, callback) {
      const answered = capture(options.directory, stream, session.envelope)
        .then(
          (id) => callback(null, `Ok: queued as ${id}`),
          (error: unknown) => callback(asReply(error)),
        )
        .finally(() => unfinished.delete(answered));
      unfinished.add(answered);
    },
  });
  // A client that breaks its connection off is no event for a trial.
  server.on('error', () => {});
  const port = await listen(server, options.port ?? 0);
  return {
    port,
    async close() {
      await new Promise<void>((resolve) => server.close(resolve));
      await Promise.all(unfinished);
    },
  };
}

class TooLarge extends Error {}

async function capture(directory: string, stream: SMTPServerDataStream, envelope: SMTPServerEnvelope) {
  const id = randomBytes(5).toString('hex').toUpperCase();
  const receivedAt = new Date().toISOString();
  const name = join(directory, `${receivedAt.replace(/[-:]/g, '').replace('.', '')}-${id}`);
  const unfinished = `${name}.part`;
  try {
    await pipeline(stream, createWriteStream(unfinished, { flags: 'wx' }));
    if (stream.sizeExceeded) throw new TooLarge();
    await rename(unfinished, `${name}.eml`);
    await writeFile(unfinished, `${JSON.stringify(describe(id, envelope, stream.byteLength, receivedAt), null, 2)}\n`);
    await rename(unfinished, `${name}.json`);
    return id;
  } catch (error) {
    stream.resume();
    await Promise.all([rm(unfinished, { force: true }), rm(`${name}.eml`, { force: true })]);
    throw error;
  }
}

function describe(id: string, envelope: SMTPServerEnvelope, size: number, receivedAt: string): CapturedEnvelope {
  const from = envelope.mailFrom;
  return {
    id,
    reversePath: from === false ? '' : from.address,
    parameters: from === false || from.args === false ? {} : from.args,
    recipients: envelope.rcptTo.map(({ address, args }) => ({ address, parameters: args === false ? {} : args })),
    size,
    receivedAt,
  };
}

function asReply(error: unknown): Error {
  if (error instanceof TooLarge) {
    return Object.assign(new Error('5.3.4 Message is larger than the trial relay takes'), { responseCode: 552 });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(`4.3.0 The message could not be written: ${reason}`), { responseCode: 451 });
}

function listen(server: SMTPServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.server.address() as AddressInfo).port));
  });
}

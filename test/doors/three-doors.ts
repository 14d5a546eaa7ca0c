/** One Sluice with all its doors open, and what clients hear at each of them. */

import type { ConfigInput } from '../../src/config/schema.js';
import { makeCertificates } from '../relay/certificates.js';
import { openSession } from '../support/mail.js';
import { startPostfix } from '../support/postfix.js';
import type { Cleanup } from '../support/redis.js';
import { startRelaySink } from '../support/relay-sink.js';
import { type Sluice, startSluice } from '../support/sluice.js';
import type { SmtpClient } from '../support/smtp-client.js';

export interface Door {
  readonly name: 'smtp' | 'milter' | 'policyd';
  /** Where clients connect: Sluice's own port, or that of the Postfix which asks. */
  readonly port: number;
  /** The same, where clients may show a certificate. */
  readonly certifiedPort: number;
  /** The third octet of its clients' addresses, where each door's accounts are to be its own. */
  readonly network: number;
}

export interface ThreeDoors {
  readonly sluice: Sluice;
  readonly doors: readonly Door[];
  /** Mail that came through any door. */
  readonly delivered: { readonly length: number };
}

/** All of them know this authority. What it signed serves the doors, and a client as well: its subject is `CN=relay`. */
const { ca, server: certificate } = makeCertificates(['DNS:localhost', 'IP:127.0.0.1']);
export const CERTIFIED = { ...certificate, subject: 'CN=relay' };

/** Postfix's own limit for the doors behind it, `smtp.maxMessageSize` for the other. */
export const LARGEST = 200_000;

export async function startThreeDoors(t: Cleanup, config: ConfigInput): Promise<ThreeDoors> {
  const sink = await startRelaySink(t);
  const sluice = await startSluice(t, {
    config: {
      listen: [
        { name: 'smtp', address: '127.0.0.1:0' },
        { name: 'certified', address: '127.0.0.1:0', tls: 'starttls', certificate, clientCertificates: { ca } },
      ],
      milter: { listen: [{ name: 'milter', address: '127.0.0.1:0' }] },
      policyd: { listen: [{ name: 'policyd', address: '127.0.0.1:0' }] },
      smtp: { maxMessageSize: LARGEST },
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      ...config,
    },
  });
  const service = `check_policy_service inet:127.0.0.1:${sluice.port('policyd')}`;
  const usual = { message_size_limit: `${LARGEST}`, smtpd_error_sleep_time: '0', smtpd_hard_error_limit: '10000' };
  const files = { 'ca.pem': ca, 'certified.pem': `${certificate.key}${certificate.cert}` };
  const asksForCertificates = {
    smtpd_tls_security_level: 'may',
    smtpd_tls_chain_files: '$config_directory/certified.pem',
    smtpd_tls_CAfile: '$config_directory/ca.pem',
    smtpd_tls_ask_ccert: 'yes',
    smtpd_tls_fingerprint_digest: 'sha256',
  };
  const [milter, policyd] = await Promise.all([
    startPostfix(t, {
      next: sink.port,
      files,
      mainCf: {
        ...usual,
        ...asksForCertificates,
        smtpd_milters: `inet:127.0.0.1:${sluice.port('milter')}`,
        milter_default_action: 'tempfail',
      },
    }),
    startPostfix(t, {
      next: sink.port,
      files,
      mainCf: {
        ...usual,
        ...asksForCertificates,
        smtpd_relay_restrictions: 'permit_mynetworks, reject',
        smtpd_recipient_restrictions: service,
        smtpd_end_of_data_restrictions: service,
      },
    }),
  ]);
  return {
    sluice,
    delivered: sink.messages,
    doors: [
      { name: 'smtp', port: sluice.port('smtp'), certifiedPort: sluice.port('certified'), network: 1 },
      { name: 'milter', port: milter.port, certifiedPort: milter.port, network: 2 },
      { name: 'policyd', port: policyd.port, certifiedPort: policyd.port, network: 3 },
    ],
  };
}

/** A client of that account's address (the last octet) at a door. */
export function clientAt(door: Door, octet: number): Promise<SmtpClient> {
  return openSession(door.port, { localAddress: `127.0.${door.network}.${octet}` });
}

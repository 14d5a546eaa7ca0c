import { z } from 'zod';
import { durationSchema } from '../../units/duration.js';
import { endpointSchema } from '../values/endpoint.js';
import { listenerNameSchema, networkSchema } from '../values/names.js';
import { pem, privatePem } from '../values/roles.js';

const trustedPeers = (what: string) =>
  z.strictObject({
    trusted: z
      .array(networkSchema().describe('An address, a network, or `unix`.'))
      .min(1, { error: 'expected at least one network' })
      .describe(what),
  });

/** A certificate and its key, PEM: listeners' and the one that we show to relays. */
export const certificateSchema = () =>
  z.strictObject({
    cert: pem().describe('The certificate and its chain: a PEM file, or PEM text.'),
    key: privatePem().describe('The private key: a PEM file, or PEM text.'),
  });

const listenerSchema = z.strictObject({
  name: listenerNameSchema(),
  address: endpointSchema().describe('`host:port`, `[IPv6 address]:port` or `unix:/path`. Port 0 takes any free one.'),
  tls: z
    .enum(['off', 'starttls', 'implicit'])
    .default('off')
    .describe('`starttls` offers STARTTLS (RFC 3207), `implicit` speaks TLS from the first byte (RFC 8314).'),
  certificate: certificateSchema().exactOptional().describe('Needed when `tls` is not `off`. Read again at a reload.'),
  clientCertificates: z
    .strictObject({
      ca: pem().describe('Authorities whose client certificates are believed: a PEM file, or PEM text.'),
      require: z.boolean().default(false).describe('Refuse clients without a valid certificate.'),
    })
    .exactOptional()
    .describe('Asks clients for a certificate; `accounts.identify: certificate` says whose it is. Absent: not asked.'),
  auth: z
    .enum(['off', 'optional', 'required'])
    .default('off')
    .describe(
      'AUTH PLAIN and LOGIN. `optional`: offered; whoever does not use it is identified by other means. `required`: no MAIL without it.',
    ),
  authInClear: z
    .boolean()
    .default(false)
    .describe('Offer AUTH without TLS, so that passwords cross the network readable.'),
  greetingDelay: durationSchema({ maxMs: 60_000 })
    .prefault('0s')
    .describe('Wait before the greeting; clients that talk earlier are refused (RFC 5321 section 4.3.1).'),
  proxyProtocol: trustedPeers('Proxies that send the header; all others speak SMTP directly.')
    .exactOptional()
    .describe('PROXY protocol v1 and v2 of these peers tells the client address. Absent: off.'),
  xclient: trustedPeers('Peers whose XCLIENT is believed.')
    .exactOptional()
    .describe('XCLIENT of these peers tells the client address and login. Absent: off.'),
  maxSessions: z.int().min(1).max(1_000_000).default(5000).describe('Sessions at once, of each worker; more hear 421.'),
});

export const listenSchema = z
  .array(listenerSchema)
  .prefault([{ name: 'submission', address: '127.0.0.1:2525' }])
  .describe('Where SMTP clients connect. Empty by default where another door (`milter`, `policyd`) is configured.');

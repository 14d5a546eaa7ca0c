import { z } from 'zod';
import { endpointSchema } from './endpoint.js';
import { listenerNameSchema, networkSchema } from './names.js';
import { socketModeSchema } from './socket-mode.js';

/** Where an MTA asks us; whose connections they are is for each door to say. */
export function mtaListenerSchema(words: { readonly peers: string; readonly maxConnections: string }) {
  return z.strictObject({
    name: listenerNameSchema(),
    address: endpointSchema().describe(
      '`host:port`, `[IPv6 address]:port` or `unix:/path`. Port 0 takes any free one.',
    ),
    mode: socketModeSchema()
      .exactOptional()
      .describe('Permissions of a unix socket, in quotes: `"0660"`. Absent: as the umask has them.'),
    peers: z
      .array(networkSchema().describe('An address, a network, or `unix`.'))
      .default(['127.0.0.0/8', '::1', 'unix'])
      .describe(words.peers),
    maxConnections: z.int().min(1).max(1_000_000).default(5000).describe(words.maxConnections),
  });
}

/** A header field that carries the transaction id. */
export function traceFieldSchema() {
  return z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, { error: 'expected the name of a header field such as X-Sluice-Id' })
    .exactOptional();
}

import type { FuzzTarget } from '../target.js';

/** Loaded one by one: asking for the coverage takes the longer the more code is there. */
export const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  path: async () => (await import('./path.js')).path,
  parameters: async () => (await import('./parameters.js')).parameters,
  proxy: async () => (await import('./proxy.js')).proxy,
  xclient: async () => (await import('./xclient.js')).xclient,
  'reply-parser': async () => (await import('./reply-parser.js')).replyParser,
  'message-scanner': async () => (await import('./message-scanner.js')).messageScanner,
  'wire-reader': async () => (await import('./wire-reader.js')).wireReader,
  'relay-log': async () => (await import('./relay-log.js')).relayLog,
  'policy-request': async () => (await import('./policy-request.js')).policyRequests,
  milter: async () => (await import('./milter.js')).milter,
  inspection: async () => (await import('./inspection.js')).inspection,
  config: async () => (await import('./config.js')).config,
  report: async () => (await import('./report.js')).report,
};

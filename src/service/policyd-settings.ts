import { peerMatcher } from '../account/cidr.js';
import type { Config } from '../config/schema.js';
import type { PolicydListener, PolicydSettings } from '../door/policyd/settings.js';

export function policydSettings({ policyd }: Config): PolicydSettings {
  const { charge, traceField, maxRequests, timeouts } = policyd;
  return {
    charge,
    traceField: traceField ?? null,
    maxRequests,
    requestTimeoutMs: timeouts.request,
    idleTimeoutMs: timeouts.idle,
    messageTimeoutMs: timeouts.message,
  };
}

export function policydListener({ name, address, mode, peers, maxConnections }: Config['policyd']['listen'][number]) {
  return { name, address, mode: mode ?? null, isPeer: peerMatcher(peers), maxConnections } satisfies PolicydListener;
}

/** The policy-delegation door with everything behind it, in this process. */

import { PolicydDoor } from '../../src/door/policyd/policyd-door.js';
import type { PolicydListener, PolicydSettings } from '../../src/door/policyd/settings.js';
import { type BehindDoor, type DoorSettings, startBehindDoor } from './door.js';
import type { Cleanup } from './redis.js';

export interface PolicydDoorSettings extends Pick<DoorSettings, 'rules' | 'mode' | 'policy' | 'accounts'> {
  readonly policyd?: Partial<PolicydSettings>;
  readonly listener?: Partial<PolicydListener>;
}

export interface StartedPolicydDoor extends BehindDoor {
  readonly port: number;
  readonly door: PolicydDoor;
  /** What the operator was told. */
  readonly advice: readonly string[];
  /** As a reload does. */
  change(settings: Partial<PolicydSettings>): void;
}

const POLICYD: PolicydSettings = {
  charge: 'end-of-message',
  traceField: null,
  maxRequests: 100_000,
  requestTimeoutMs: 300_000,
  idleTimeoutMs: 300_000,
  messageTimeoutMs: 300_000,
};

const LISTENER: PolicydListener = {
  name: 'policyd',
  address: { host: '127.0.0.1', port: 0 },
  mode: null,
  isPeer: () => true,
  maxConnections: 100,
};

export async function startPolicydDoor(t: Cleanup, settings: PolicydDoorSettings = {}): Promise<StartedPolicydDoor> {
  const behind = await startBehindDoor(t, settings);
  let policyd: PolicydSettings = { ...POLICYD, ...settings.policyd };
  const listener: PolicydListener = { ...LISTENER, ...settings.listener };
  const advice: string[] = [];
  const door = new PolicydDoor('policyd', {
    ...behind.context,
    settings: () => policyd,
    listener: () => listener,
    advise: (_listener, text) => advice.push(text),
  });
  await door.open();
  behind.closeFirst(() => door.drain(0));
  return {
    ...behind,
    port: 'port' in door.address ? door.address.port : 0,
    door,
    advice,
    change(changed) {
      policyd = { ...policyd, ...changed };
    },
  };
}

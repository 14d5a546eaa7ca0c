/** The milter door with everything behind it, in this process. */

import { MilterDoor } from '../../src/door/milter/milter-door.js';
import type { MilterListener, MilterSettings } from '../../src/door/milter/settings.js';
import { type BehindDoor, type DoorSettings, startBehindDoor } from './door.js';
import type { Cleanup } from './redis.js';

export interface MilterDoorSettings extends Pick<DoorSettings, 'rules' | 'mode' | 'policy' | 'accounts' | 'wrapStore'> {
  readonly milter?: Partial<MilterSettings>;
  readonly listener?: Partial<MilterListener>;
}

export interface StartedMilterDoor extends BehindDoor {
  readonly port: number;
  readonly door: MilterDoor;
  /** As a reload does. */
  change(settings: Partial<MilterSettings>): void;
}

const MILTER: MilterSettings = {
  content: 'whole',
  refusedMessages: 'reject',
  traceField: null,
  addsFields: false,
  idleTimeoutMs: 300_000,
  packetTimeoutMs: 300_000,
  progressMs: 60_000,
};

const LISTENER: MilterListener = {
  name: 'milter',
  address: { host: '127.0.0.1', port: 0 },
  mode: null,
  isPeer: () => true,
  maxConnections: 100,
};

export async function startMilterDoor(t: Cleanup, settings: MilterDoorSettings = {}): Promise<StartedMilterDoor> {
  const behind = await startBehindDoor(t, settings);
  let milter: MilterSettings = { ...MILTER, ...settings.milter };
  const listener: MilterListener = { ...LISTENER, ...settings.listener };
  const door = new MilterDoor('milter', { ...behind.context, settings: () => milter, listener: () => listener });
  await door.open();
  behind.closeFirst(() => door.drain(0));
  return {
    ...behind,
    port: 'port' in door.address ? door.address.port : 0,
    door,
    change(changed) {
      milter = { ...milter, ...changed };
    },
  };
}

import { everyAudit } from '../audit/every-audit.js';
import type { Store } from '../store/contract.js';
import { MS } from '../units/duration.js';
import type { Announcer } from './announcer.js';

/** A miss is not news any more after this; what is known of notices must last longer. */
const OLD_MS = 7 * MS.d;

/** Tells accounts whose cases are about to be missed, or were. Again and again: each is told once. */
export async function announceDueAudits(store: Pick<Store, 'audits'>, announcer: Announcer): Promise<void> {
  for await (const page of everyAudit(store, { undecided: true })) {
    for (const audit of page) {
      const left = audit.dueAt - audit.readAt;
      if (audit.state === 'missed' && left > -OLD_MS) await announcer.audit(audit, 'missed');
      // Who is tested is not reminded of the test.
      if (audit.kind === 'probe') continue;
      if (audit.state === 'open' && left < MS.d) await announcer.audit(audit, 'expiring');
    }
  }
}

/** What no single key can tell: keys that contradict each other, names that lead nowhere, files that are not there. */

import type { ConfigError } from '../config-error.js';
import { checkAccounts } from './accounts.js';
import { checkCertificates } from './certificates.js';
import type { CheckedConfig } from './checked-config.js';
import { checkFeedback } from './feedback.js';
import { checkListeners } from './listeners.js';
import { checkNotices } from './notices.js';
import { checkRelay } from './relay.js';
import { checkScanners } from './scanners.js';
import { checkStore } from './store.js';

type Check = (checked: CheckedConfig) => Iterable<ConfigError>;

const CHECKS: readonly Check[] = [
  checkListeners,
  checkCertificates,
  checkRelay,
  checkStore,
  checkAccounts,
  checkScanners,
  checkFeedback,
  checkNotices,
];

export function crossCheck(checked: CheckedConfig): readonly ConfigError[] {
  return CHECKS.flatMap((check) => [...check(checked)]);
}

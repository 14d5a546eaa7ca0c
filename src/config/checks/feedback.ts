import type { ConfigError } from '../config-error.js';
import type { CheckedConfig } from './checked-config.js';

const LEAST_KEY = 16;

export function* checkFeedback({ config, source, intact }: CheckedConfig): Iterable<ConfigError> {
  const { feedback } = config;
  if (feedback === undefined || !intact(['feedback'])) return;
  const { relayLog, mail, listen, reversePath } = feedback;
  if (relayLog !== undefined && (relayLog.file === undefined) === (relayLog.journal === undefined)) {
    const found = relayLog.file === undefined ? 'neither file nor journal' : 'both file and journal';
    yield source.error(['feedback', 'relayLog'], found, 'one of them');
  }
  if (mail !== undefined && mail.maildir === undefined && mail.mbox === undefined) {
    yield source.error(['feedback', 'mail'], 'neither maildir nor mbox', 'at least one of them');
  }
  if (listen !== undefined && reversePath === undefined) {
    const expected = '`feedback.reversePath`: the listener takes mail to signed addresses only';
    yield source.error(['feedback', 'listen'], 'a listener without signed addresses', expected);
  }
  for (const [index, key] of (reversePath?.keys ?? []).entries()) {
    if (key.length >= LEAST_KEY) continue;
    const path = ['feedback', 'reversePath', 'keys', index];
    yield source.error(path, `a key of ${key.length} characters`, `at least ${LEAST_KEY}`);
  }
}

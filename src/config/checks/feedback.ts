import type { ConfigError } from '../config-error.js';
import type { CheckedConfig } from './checked-config.js';

export const LEAST_KEY = 16;

export function* checkFeedback({ config, source, intact }: CheckedConfig): Iterable<ConfigError> {
  const { feedback } = config;
  if (feedback === undefined || !intact(['feedback'])) return;
  const { relayLog, mail, listen, reversePath, http } = feedback;
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
  const keys = [
    { path: ['feedback', 'http', 'evidence', 'keys'], keys: http?.evidence?.keys },
    { path: ['feedback', 'reversePath', 'keys'], keys: reversePath?.keys },
    { path: ['feedback', 'http', 'oneClick', 'keys'], keys: http?.oneClick?.keys },
    { path: ['feedback', 'http', 'doubleOptIn', 'keys'], keys: http?.doubleOptIn?.keys },
    { path: ['feedback', 'http', 'apiKeys'], keys: http?.apiKeys },
  ];
  for (const { path, keys: ofPath = [] } of keys) {
    for (const [index, key] of ofPath.entries()) {
      if (key.length >= LEAST_KEY) continue;
      yield source.error([...path, index], `a key of ${key.length} characters`, `at least ${LEAST_KEY}`);
    }
  }
}

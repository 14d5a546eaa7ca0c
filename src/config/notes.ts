import type { Config } from './schema.js';

/** What is valid and may still surprise: `sluice check-config` says it. One sentence each. */
export function notesOn(config: Config): readonly string[] {
  return config.listen.length === 0 ? ['no SMTP listener: `relay` and `smtp` are not used'] : [];
}

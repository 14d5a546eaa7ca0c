import type { Config } from './schema.js';
import { rulesUnseenByPolicyd } from './unseen-rules.js';

/** What is valid and may still surprise: `sluice check-config` says it. One sentence each. */
export function notesOn(config: Config): readonly string[] {
  return [
    ...(config.listen.length === 0 ? ['no SMTP listener: `relay` and `smtp` are not used'] : []),
    ...notesOnPolicyd(config),
    ...notesOnNotices(config),
  ];
}

function notesOnNotices({ notices, plans, accounts }: Config): readonly string[] {
  const named = [...Object.values(plans), ...Object.values(accounts.list)].some((one) => one.notices !== undefined);
  return named && notices === undefined
    ? ['accounts or plans say who is told, and nobody is: there is no `notices`, which says by whom']
    : [];
}

function notesOnPolicyd(config: Config): readonly string[] {
  if (config.policyd.listen.length === 0) return [];
  const unseen = rulesUnseenByPolicyd(config);
  return [
    ...(unseen.length === 0
      ? []
      : [
          `policyd.listen: ${unseen.join(', ')} cannot be judged there, or not wholly, since Postfix does not tell enough; mail that comes that way passes them`,
        ]),
    ...(config.policyd.charge === 'recipient'
      ? [
          'policyd.charge: recipient: volume.bytes counts what clients declare with MAIL, and nothing where they do not, since Postfix does not tell there how large messages are',
        ]
      : []),
  ];
}

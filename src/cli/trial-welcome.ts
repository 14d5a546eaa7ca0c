import { basename, relative } from 'node:path';
import type { Config } from '../config/schema.js';
import { resolvePolicies } from '../policy/effective.js';
import { policySettings } from '../service/policy-context.js';
import { TRIAL_SUPPRESSED, trialMails } from '../service/trial.js';
import { durationInWords } from '../units/duration.js';

export interface Running {
  readonly config: Config;
  readonly directory: string;
  readonly path: string;
  readonly smtp: string;
  readonly http: string;
}

/** What a newcomer reads once the trial runs: where everything is, and what to try. */
export function welcome({ config, directory, path, smtp, http }: Running): readonly string[] {
  const port = smtp.slice(smtp.lastIndexOf(':') + 1);
  const to = (recipient: string) => `swaks --server ${smtp} --from me@example.org --to ${recipient}`;
  return [
    `Sluice is running a trial. SMTP on ${smtp} (no AUTH), health and metrics on http://${http}.`,
    `Mails that pass go to ${trialMails(directory)} as .eml files, each with its envelope beside it as .json.`,
    `Limits: ${limitsInWords(config).join('; ')}. The address ${TRIAL_SUPPRESSED} is suppressed.`,
    '',
    `Try it:    ${to('you@example.com')}`,
    `or:        printf 'EHLO me\\r\\nMAIL FROM:<me@example.org>\\r\\nRCPT TO:<you@example.com>\\r\\nDATA\\r\\nSubject: hi\\r\\n\\r\\nhello\\r\\n.\\r\\nQUIT\\r\\n' | nc 127.0.0.1 ${port}`,
    `A few more of the same and you will hear a 450; ${to(TRIAL_SUPPRESSED)} hears a 550.`,
    `Then see: ${thisProgram()} decisions --config ${relative('.', path)}`,
    'Ctrl-C ends it.',
  ];
}

/** As the newcomer can type it: few have installed the command. */
function thisProgram(): string {
  const [, script = ''] = process.argv;
  return basename(script) === 'sluice' ? 'sluice' : `node ${relative('.', script)}`;
}

function limitsInWords(config: Config): readonly string[] {
  const policy = resolvePolicies(policySettings(config)).anonymous;
  return policy
    .limitsOf('account', null, Date.now())
    .filter(({ resource }) => resource === 'messages' || resource === 'recipients')
    .map(({ resource, count, perMs }) => `${count} ${resource} in ${durationInWords(perMs)}`);
}

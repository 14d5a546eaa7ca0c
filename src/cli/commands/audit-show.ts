import { Command } from 'commander';
import { auditArgument, showAudit } from '../audit-options.js';
import { type ConfigOption, type JsonOption, withConfig, withExamples, withJson } from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { linkOf } from '../open-case.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

export function auditShow(): Command {
  const command = new Command('show')
    .description('a case: who was asked for what, and what came')
    .argument('<case>', 'its id', auditArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice audit show audit.1jbq7p2ak0x3vf']);
}

async function run(id: string, options: ConfigOption & JsonOption): Promise<void> {
  const { audit, answerUrl } = await withStore(options, async ({ store, config }) => {
    const audit = await store.auditOf(id);
    return { audit, answerUrl: audit === null ? null : linkOf(config, audit) };
  });
  if (audit === null) throw new Failure(EXIT.negative, `there is no case ${id}`);
  if (options.json) json({ audit, answerUrl });
  else {
    showAudit(audit);
    if (answerUrl !== null) line(`link:      ${answerUrl}`);
  }
}

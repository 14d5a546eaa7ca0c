import { Command } from 'commander';
import { auditArgument, showAudit } from '../audit-options.js';
import { type ConfigOption, type JsonOption, withConfig, withExamples, withJson } from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json } from '../terminal/output.js';

export function auditShow(): Command {
  const command = new Command('show')
    .description('a case: who was asked for what, and what came')
    .argument('<case>', 'its id', auditArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice audit show audit.1jbq7p2ak0x3vf']);
}

async function run(id: string, options: ConfigOption & JsonOption): Promise<void> {
  const audit = await withStore(options, ({ store }) => store.auditOf(id));
  if (audit === null) throw new Failure(EXIT.negative, `there is no case ${id}`);
  if (options.json) json({ audit });
  else showAudit(audit);
}

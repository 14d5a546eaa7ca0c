import { Command, Option } from 'commander';
import { announcerOf } from '../../service/notice-settings.js';
import type { AuditVerdict } from '../../store/contract.js';
import { auditArgument, type OpeningOptions, showAudit, withAuthor } from '../audit-options.js';
import { withConfig, withExamples, withJson } from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json } from '../terminal/output.js';

interface Options extends OpeningOptions {
  readonly result: AuditVerdict['result'];
}

export function auditClose(): Command {
  const command = new Command('close')
    .description('decide about a case; a violation stays listed with the account')
    .argument('<case>', 'its id', auditArgument)
    .addOption(
      new Option('-r, --result <result>', 'what it came to').choices(['violation', 'satisfied']).makeOptionMandatory(),
    )
    .action(run);
  return withExamples(withJson(withConfig(withAuthor(command))), [
    'sluice audit close audit.1jbq7p2ak0x3vf --result satisfied',
    'sluice audit close audit.1jbq7p2ak0x3vf --result violation --note "no evidence for 7 of 20"',
  ]);
}

async function run(id: string, options: Options): Promise<void> {
  const { result, by, note } = options;
  const audit = await withStore(options, async ({ store, config }) => {
    const decided = await store.closeAudit(id, { result, by, note });
    if (decided !== null) await announcerOf(config, store).audit(decided, 'decided');
    return decided;
  });
  if (audit === null) throw new Failure(EXIT.negative, `there is no case ${id}`);
  if (options.json) json({ audit });
  else showAudit(audit);
}

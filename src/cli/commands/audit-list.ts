import { Command, Option } from 'commander';
import { everyAudit } from '../../audit/every-audit.js';
import { isViolation } from '../../audit/is-violation.js';
import { type AccountId, AUDIT_STATES, type AuditCase, type AuditState } from '../../store/contract.js';
import { answeredOf, stateInColour } from '../audit-options.js';
import {
  accountArgument,
  type ConfigOption,
  countOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { instant, json, line, note, plain } from '../terminal/output.js';
import { table } from '../terminal/table.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly state?: AuditState;
  readonly violations?: true;
  readonly limit: number;
}

export function auditList(): Command {
  const command = new Command('list')
    .description('cases, newest first')
    .option('-a, --account <id>', "this account's only", accountArgument)
    .addOption(new Option('-s, --state <state>', 'in this state only').choices(AUDIT_STATES))
    .addOption(
      new Option('--violations', 'only what breaks the policy: missed, or decided to be a violation').conflicts(
        'state',
      ),
    )
    .option('-l, --limit <count>', 'at most so many', countOption, 100)
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice audit list --state missed',
    'sluice audit list --violations --json',
    'sluice audit list --account acme --json',
  ]);
}

async function run(options: Options): Promise<void> {
  const { account, state, violations, limit } = options;
  const all = await withStore(options, async ({ store }) => {
    const found: AuditCase[] = [];
    for await (const page of everyAudit(store, account === undefined ? {} : { account })) found.push(...page);
    return found.filter((audit) => (state ?? audit.state) === audit.state && (!violations || isViolation(audit)));
  });
  const audits = all.sort((one, other) => other.openedAt - one.openedAt).slice(0, limit);
  if (options.json) return json({ audits, more: all.length > limit });
  if (audits.length === 0) return line('no cases');
  auditTable(audits);
  if (all.length > limit) note(`only the newest ${limit}; see --limit`);
}

function auditTable(audits: readonly AuditCase[]): void {
  table(
    ['case', 'account', 'kind', 'state', 'answered', 'opened', 'due', 'by', 'note'].map((head) => ({ head })),
    audits.map((audit) => {
      const { id, account, kind, state, openedAt, dueAt, by, note: remark } = audit;
      return [
        ...[id, account, kind, stateInColour(state), answeredOf(audit)],
        ...[instant(openedAt), instant(dueAt), plain(by), plain(remark)],
      ];
    }),
  );
}

import { Command } from 'commander';
import { everyAudit } from '../../audit/every-audit.js';
import { isViolation } from '../../audit/is-violation.js';
import type { AccountId, AuditCase, Store } from '../../store/contract.js';
import { planOf } from '../account-policy.js';
import { stateInColour } from '../audit-options.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { colours, instant, json, line, plain } from '../terminal/output.js';
import { standingInColour } from '../terminal/standing.js';

export function accountShow(): Command {
  const command = new Command('show')
    .description("an account's plan, standing and settings, and the cases against it")
    .argument('<account>', 'account id', accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice account show acme']);
}

async function run(account: AccountId, options: ConfigOption & JsonOption): Promise<void> {
  const { state, audits, config } = await withStore(options, async ({ store, config }) => ({
    state: await store.stateOf(account),
    audits: await standingAudits(store, account),
    config,
  }));
  const { list } = config.accounts;
  const settings = Object.hasOwn(list, account) ? list[account] : undefined;
  const plan = planOf(config, account);
  const senders = settings?.senders ?? null;
  if (options.json) {
    const violations = audits.filter(isViolation).map(({ id }) => id);
    const listed = settings !== undefined;
    json({ ...state, plan, listed, senders, rules: settings?.rules ?? {}, audits, violations });
    return;
  }
  line(`${colours.bold(account)}${settings === undefined ? '  (not listed in the config)' : ''}`);
  line(`plan:           ${plan}`);
  line(`standing:       ${standingInColour(state.standing)}`);
  if (state.changed !== null) {
    line(`since:          ${instant(state.changed.at)}, by ${plain(state.changed.by)}: ${plain(state.changed.reason)}`);
  }
  if (state.until !== null) line(`until:          ${instant(state.until)}`);
  line(`first accepted: ${state.firstAcceptedAt === null ? 'nothing yet' : instant(state.firstAcceptedAt)}`);
  line(`senders:        ${senders === null ? 'any' : senders.join(', ')}`);
  for (const { id, kind, state: now, verdict } of audits) {
    const remark = verdict === null || verdict.note === '' ? '' : `: ${plain(verdict.note)}`;
    const what = isViolation({ state: now }) ? 'violation:' : 'audit:';
    line(`${what.padEnd(16)}${id}  ${kind}, ${stateInColour(now)}${remark}`);
  }
}

/** Those that nobody decided about, and violations. */
async function standingAudits(store: Store, account: AccountId): Promise<AuditCase[]> {
  const found: AuditCase[] = [];
  for await (const page of everyAudit(store, { account })) found.push(...page);
  return found.filter(({ state }) => state !== 'closed');
}

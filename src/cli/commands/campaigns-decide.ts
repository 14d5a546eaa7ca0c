import { Command, Option } from 'commander';
import { type AccountId, ALL_CAMPAIGNS, type CampaignState } from '../../store/contract.js';
import { policyOfAccount } from '../account-policy.js';
import {
  accountArgument,
  type ConfigOption,
  currentUser,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account: AccountId;
  readonly all?: true;
  readonly note: string;
  readonly by: string;
}

export function campaignsApprove(): Command {
  return deciding('approve', 'approved', 'let a campaign pass bulk.approval and flood.campaign');
}

export function campaignsRefuse(): Command {
  return deciding('refuse', 'refused', 'stop a campaign where bulk.approval is on');
}

function deciding(verb: string, state: CampaignState, description: string): Command {
  const command = new Command(verb)
    .description(description)
    .argument('[campaign]', 'its id, as `sluice campaigns list` shows it')
    .addOption(new Option('-a, --account <id>', 'whose it is').argParser(accountArgument).makeOptionMandatory())
    .option('--all', 'all campaigns of the account, those to come too')
    .option('-n, --note <text>', 'what a colleague should know', '')
    .option('--by <name>', 'who decided it', currentUser())
    .action((id: string | undefined, options: Options) => run(id, state, options));
  return withExamples(withJson(withConfig(command)), [
    `sluice campaigns ${verb} c4f1d2a90b7e3 --account acme --note "ticket 4711"`,
    `sluice campaigns ${verb} --all --account acme`,
  ]);
}

async function run(named: string | undefined, state: CampaignState, options: Options): Promise<void> {
  if ((named === undefined) === (options.all === undefined)) {
    throw new Failure(EXIT.usage, 'name a campaign, or say --all');
  }
  const { account, by, note } = options;
  const id = named ?? ALL_CAMPAIGNS;
  const campaign = await withStore(options, ({ store, config }) => {
    const keepMs = policyOfAccount(config, account).policy.bulk.keep;
    return store.decideCampaign({ account, id, state, by, note, keepMs });
  });
  if (campaign === null) throw new Failure(EXIT.negative, `${account} has no campaign ${id}`);
  if (options.json) json({ campaign });
  else line(`${state} ${id === ALL_CAMPAIGNS ? 'all campaigns' : `the campaign ${id}`} of ${account}`);
}

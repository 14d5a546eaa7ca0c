import { Command } from 'commander';
import { campaignsApprove, campaignsRefuse } from './campaigns-decide.js';
import { campaignsList } from './campaigns-list.js';

export function campaigns(): Command {
  return new Command('campaigns')
    .description('messages alike of one account: list, approve, refuse')
    .addCommand(campaignsList())
    .addCommand(campaignsApprove())
    .addCommand(campaignsRefuse());
}

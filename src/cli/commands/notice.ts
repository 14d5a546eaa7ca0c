import { Command } from 'commander';
import { noticeList } from './notice-list.js';

export function notice(): Command {
  return new Command('notice').description('what accounts are told (config: notices)').addCommand(noticeList());
}

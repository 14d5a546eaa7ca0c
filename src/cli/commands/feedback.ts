import { Command } from 'commander';
import { feedbackReadLog } from './feedback-read-log.js';

export function feedback(): Command {
  return new Command('feedback')
    .description('reports of what became of mail: read them, take them in')
    .addCommand(feedbackReadLog());
}

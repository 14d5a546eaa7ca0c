import { Command } from 'commander';
import { feedbackDsn } from './feedback-dsn.js';
import { feedbackLink } from './feedback-link.js';
import { feedbackLog } from './feedback-log.js';
import { feedbackRead } from './feedback-read.js';
import { feedbackReadLog } from './feedback-read-log.js';

export function feedback(): Command {
  return new Command('feedback')
    .description('reports of what became of mail: read them, take them in')
    .addCommand(feedbackRead())
    .addCommand(feedbackReadLog())
    .addCommand(feedbackLog())
    .addCommand(feedbackDsn())
    .addCommand(feedbackLink());
}

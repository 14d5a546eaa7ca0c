import { Command } from 'commander';
import { auditAnswer } from './audit-answer.js';
import { auditClose } from './audit-close.js';
import { auditList } from './audit-list.js';
import { auditProbe } from './audit-probe.js';
import { auditRequest } from './audit-request.js';
import { auditSample } from './audit-sample.js';
import { auditShow } from './audit-show.js';

export function audit(): Command {
  return new Command('audit')
    .description('requests for evidence of consent, each with a clock of 72 hours')
    .addCommand(auditRequest())
    .addCommand(auditSample())
    .addCommand(auditProbe())
    .addCommand(auditList())
    .addCommand(auditShow())
    .addCommand(auditAnswer())
    .addCommand(auditClose());
}

import type { AuditStore } from '../contract.js';
import type { Audits } from './audits.js';
import type { Calls } from './calls.js';

export function auditVerbs(calls: Calls, audits: Audits): AuditStore {
  return {
    openAudit: (audit) => calls.write('openAudit', (now) => audits.open(audit, now)),
    auditOf: (id) => calls.read('auditOf', (now) => audits.of(id, now)),
    answerAudit: (id, answers) => calls.write('answerAudit', (now) => audits.answer(id, answers, now)),
    noteAuditBounces: (id, bounces) => calls.write('noteAuditBounces', (now) => audits.noteBounces(id, bounces, now)),
    closeAudit: (id, verdict) => calls.write('closeAudit', (now) => audits.close(id, verdict, now)),
    audits: (query) => calls.read('audits', (now) => audits.page(query, now)),
  };
}

import { type EvidenceReading, evidenceFromCsv, evidenceFromJson } from '../../audit/evidence-reading.js';
import type { AuditCase, Store } from '../../store/contract.js';
import { auditOfToken } from '../evidence/answer-link.js';
import { evidencePage, unknownCasePage } from '../evidence/evidence-page.js';
import { type Answer, json, page, problem } from './answer.js';

export interface EvidenceParts {
  readonly keys: readonly string[];
  readonly store: Pick<Store, 'auditOf' | 'answerAudit'>;
}

export interface EvidenceRequest {
  readonly method: string;
  readonly token: string;
  readonly body: string;
  readonly contentType: string;
}

/** The account is who has the link: it went to nobody else. */
const AUTHOR = { by: 'account', note: '' };

/**
 * `/e/TOKEN`: a case. GET shows what is asked, POST takes evidence as JSON, CSV or
 * what the page's form sends. It may be sent again: answers replace each other.
 */
export async function answerEvidence({ keys, store }: EvidenceParts, request: EvidenceRequest): Promise<Answer> {
  const id = auditOfToken(request.token, keys);
  const audit = id === null ? null : await store.auditOf(id);
  if (audit === null || audit.kind === 'probe') return page(404, unknownCasePage());
  if (request.method !== 'POST') return page(200, evidencePage(audit, null));
  const isForm = request.contentType.startsWith('application/x-www-form-urlencoded');
  if (audit.verdict !== null) {
    return isForm
      ? page(409, evidencePage(audit, null))
      : problem(409, 'decided', 'the case has been decided, and takes no more answers');
  }
  const reading = await read(request, audit);
  if (reading === null) {
    return problem(415, 'unsupported_type', 'expected application/json or text/csv', 'Content-Type');
  }
  const after = (await store.answerAudit(audit.id, reading.answers)) ?? audit;
  const status = reading.answers.length === 0 ? 400 : 200;
  return isForm ? page(status, evidencePage(after, reading)) : json(status, told(after, reading));
}

async function read({ contentType, body }: EvidenceRequest, audit: AuditCase): Promise<EvidenceReading | null> {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'text/csv') return evidenceFromCsv(Buffer.from(body), audit, AUTHOR);
  if (type === 'application/x-www-form-urlencoded') {
    return evidenceFromCsv(Buffer.from(new URLSearchParams(body).get('csv') ?? ''), audit, AUTHOR);
  }
  return type === 'application/json' ? evidenceFromJson(parsed(body), audit, AUTHOR) : null;
}

function told({ id, state, dueAt, addresses }: AuditCase, { answers, problems }: EvidenceReading): object {
  return {
    case: id,
    state,
    dueAt: new Date(dueAt).toISOString(),
    taken: answers.length,
    problems,
    unanswered: addresses.filter(({ answer }) => answer === null).map(({ key }) => key),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

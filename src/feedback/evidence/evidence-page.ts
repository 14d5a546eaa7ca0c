/** What people see who follow the link of a case. */

import type { EvidenceReading } from '../../audit/evidence-reading.js';
import type { AuditCase } from '../../store/contract.js';
import { escaped, plainPage } from '../http/plain-page.js';

export function evidencePage(audit: AuditCase, taken: EvidenceReading | null): string {
  const { id, account, dueAt, verdict } = audit;
  const missing = audit.addresses.filter(({ answer }) => answer === null);
  const due = `${new Date(dueAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const list = missing.map(({ key }) => `<li>${escaped(key)}</li>`).join('\n');
  const asked =
    missing.length === 0
      ? '<p>Every recipient that was asked about is answered. Thank you.</p>'
      : `<p>Asked about, and not answered yet:</p>\n<ul>\n${list}\n</ul>`;
  return plainPage(
    'Evidence of consent',
    `<p>Case <b>${escaped(id)}</b>, account <b>${escaped(account)}</b>, ${STATES[audit.state]} Due: ${due}.</p>
${taken === null ? '' : takenInWords(taken)}
${asked}
${verdict === null ? FORM : '<p>It has been decided, and takes no more answers.</p>'}`,
  );
}

export function unknownCasePage(): string {
  return plainPage('This link is not complete', '<p>Please open it from the mail again, or copy all of it.</p>');
}

const STATES = {
  open: 'open.',
  answered: 'answered.',
  missed: 'not answered in time; what comes now is kept as late.',
  violation: 'closed.',
  closed: 'closed.',
} as const;

const FORM = `<form method="post">
<p><label for="csv">Evidence as CSV. The first line names the columns: <code>address</code> and any of <code>source, at, ip, url, text, confirmed, proof</code> (<code>proof</code>: the SHA-256 of a file that you keep).</label></p>
<textarea id="csv" name="csv">address,source,at,ip,url,text,confirmed,proof
</textarea>
<p><button>Send</button></p>
</form>`;

function takenInWords({ answers, problems }: EvidenceReading): string {
  const rows = problems.map(({ place, problem }) => `<li>${escaped(place)}: ${escaped(problem)}</li>`).join('\n');
  const bad = problems.length === 0 ? '' : `<p>Not taken:</p>\n<ul>\n${rows}\n</ul>`;
  return `<p><b>Taken: ${answers.length}.</b></p>\n${bad}`;
}

/** What a reader sees of a calendar object (RFC 5545): summary, place, description. */

const SHOWN = /^(?:SUMMARY|LOCATION|DESCRIPTION|COMMENT)(?:;[^:]{0,500})?:(.*)$/i;

export function calendarText(text: string): string {
  const lines: string[] = [];
  // Content lines are folded by a line end and one space (RFC 5545 §3.1).
  for (const line of text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    const value = SHOWN.exec(line)?.[1];
    if (value !== undefined && value !== '') lines.push(value.replace(/\\n/gi, '\n').replace(/\\([\\;,])/g, '$1'));
  }
  return lines.join('\n');
}

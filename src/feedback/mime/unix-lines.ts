const CARRIAGE_RETURNS = /\r+\n?/g;

/**
 * Every kind of line end as LF: CRLF, bare LF, and the bare CR of files that went
 * through old Macs or careless scripts. CRs before an LF are one line end
 * (`\r\r\n` would otherwise end header sections early); alone, each ends a line.
 */
export function unixLines(text: string): string {
  if (!text.includes('\r')) return text;
  return text.replace(CARRIAGE_RETURNS, (run) => (run.endsWith('\n') ? '\n' : '\n'.repeat(run.length)));
}

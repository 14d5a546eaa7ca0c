/** Date and time of header fields (RFC 5322 §3.3, with the obsolete zones of §4.3). */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ZONES: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
};
const SHAPE =
  /^(?:[a-z]{3,9},?\s+)?(\d{1,2})\s+([a-z]{3})[a-z]*\s+(\d{2,4})\s+(\d{1,2})\s*:\s*(\d{2})(?:\s*:\s*(\d{2}))?\s*([+-]\d{4}|[a-z]{1,5})?\s*$/i;

/** Milliseconds since 1970; null: it cannot be read. */
export function parseDateTime(text: string): number | null {
  const match = SHAPE.exec(
    text
      .slice(0, 200)
      .replace(/\([^()]{0,100}\)/g, ' ')
      .trim(),
  );
  if (match === null) return null;
  const [, day = '', monthName = '', yearText = '', hour = '', minute = '', second = '0', zone = '+0000'] = match;
  const month = MONTHS.indexOf(monthName.toLowerCase());
  const year = fullYear(Number(yearText), yearText.length);
  const offset = offsetOf(zone);
  if (month < 0 || offset === null || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  const at = new Date(Date.UTC(year, month, Number(day), Number(hour), Number(minute), Number(second)));
  // 31 February is none.
  return Number(day) < 1 || (at.getUTCMonth() !== month && Number(second) < 60) ? null : at.getTime() - offset * 60_000;
}

/** RFC 5322 §4.3. */
function fullYear(year: number, digits: number): number {
  if (digits === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits === 3 ? 1900 + year : year;
}

/** Minutes east of Greenwich. An unknown name says nothing and is read as UTC (RFC 5322 §4.3). */
function offsetOf(zone: string): number | null {
  if (!/^[+-]/.test(zone)) return ZONES[zone.toLowerCase()] ?? 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3));
  if (minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

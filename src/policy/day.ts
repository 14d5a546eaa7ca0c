/** A day for a person, in UTC: `2026-11-24`. Anything that is no instant reads as `an unknown day`. */
export function dayInWords(instant: number): string {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? 'an unknown day' : date.toISOString().slice(0, 10);
}

/** Texts of a config in an error: quoted, and cut where they say no more. */

const MOST_SHOWN = 60;

export function quoted(text: string): string {
  return JSON.stringify(cut(text));
}

export function cut(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

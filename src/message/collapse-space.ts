const UNEVEN = /\s\s|[^\S ]/;

/** One space for each run of white space, none around it. */
export function collapseSpace(text: string): string {
  return (UNEVEN.test(text) ? text.replace(/\s+/g, ' ') : text).trim();
}

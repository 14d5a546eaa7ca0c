/** A value in a distinguished name: a mark within it must not read as one between values (RFC 4514 §2.4). */
export function escapeName(value: string): string {
  return value.replace(/[,+"\\;<>]/g, '\\$&');
}

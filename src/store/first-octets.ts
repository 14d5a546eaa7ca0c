/** The text's first octets, without cutting a character in two. */
export function firstOctets(text: string, most: number): string {
  const octets = Buffer.from(text);
  if (octets.length <= most) return text;
  let end = most;
  // 10xxxxxx continues a character (RFC 3629 §3).
  while (end > 0 && ((octets[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return octets.toString('utf8', 0, end);
}

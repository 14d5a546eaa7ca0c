import type { Readable } from 'node:stream';

/** Lines end in a line feed only: to node:readline of Node 26 U+2028, which a log line may hold, is an end as well. */
export function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}

import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut: no relay writes them, and nothing of worth stands that far out. */
const MAX_LINE = 32 * 1024;

/** Octets become lines; CRLF and LF both end one. Memory is bounded whatever comes. */
export class LogLines {
  readonly #decoder = new StringDecoder('utf8');
  #line = '';
  #cut = false;

  /** Calls `take` for each whole line, without its end. */
  push(chunk: Buffer, take: (line: string) => void): void {
    const text = this.#decoder.write(chunk);
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#add(text.slice(from, end));
      from = end + 1;
      this.#end(take);
    }
    this.#add(text.slice(from));
  }

  /** The last line, if it did not end in a line feed. */
  end(take: (line: string) => void): void {
    this.#add(this.#decoder.end());
    if (this.#line !== '') this.#end(take);
  }

  #add(part: string): void {
    if (this.#cut || part === '') return;
    this.#line += part;
    if (this.#line.length <= MAX_LINE) return;
    this.#line = this.#line.slice(0, MAX_LINE);
    this.#cut = true;
  }

  #end(take: (line: string) => void): void {
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    this.#cut = false;
    if (line !== '') take(line);
  }
}

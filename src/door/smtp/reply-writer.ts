import type { Socket } from 'node:net';

/**
 * Gathers the replies of one turn into one write: writes are a third to a half
 * of a proxy's time (design §7), and a batch of RCPTs has many replies.
 */
export class ReplyWriter {
  #outgoing = '';
  #scheduled = false;
  readonly #flushNow = () => this.flush();

  /**
   * @param socket the socket in use; STARTTLS changes it
   * @param muted while a TLS handshake runs: bytes would land in the middle of it
   */
  constructor(
    private readonly socket: () => Socket,
    private readonly muted: () => boolean,
  ) {}

  write(text: string): void {
    if (this.muted()) return;
    this.#outgoing += text;
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#flushNow);
  }

  flush(): void {
    this.#scheduled = false;
    const text = this.#outgoing;
    this.#outgoing = '';
    const socket = this.socket();
    if (text === '' || this.muted() || socket.destroyed || socket.readyState !== 'open') return;
    socket.write(text);
  }
}

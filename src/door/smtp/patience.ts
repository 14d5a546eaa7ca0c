/** Failed log-ins too, whatever the rules: a session of nothing else ends. */
const ERRORS: ReadonlySet<number> = new Set([454, 500, 501, 502, 503, 504, 535, 555]);
/** Commands that achieve nothing, between two MAILs; more are errors. As many as Postfix allows. */
const IDLE_COMMANDS = 100;

/**
 * How long a client that gets nothing done is borne with. Errors count over the
 * whole session and are never forgiven; commands that are no error and get it no
 * further begin anew with each MAIL that is taken, and are errors once there
 * were too many of them.
 */
export class Patience {
  #errors = 0;
  #idleCommands = 0;
  #ranOut = false;

  /**
   * @param maxErrors `smtp.maxErrors`, as it is now: a reload may change it
   * @param ranOut called once, with the error that makes so many or finds that there were more
   */
  constructor(
    private readonly maxErrors: () => number,
    private readonly ranOut: () => void,
  ) {}

  /** A reply of this code went out. */
  replied(code: number): void {
    if (ERRORS.has(code)) this.#erred();
  }

  /** A command was in order and got the client no further. */
  achievedNothing(): void {
    this.#idleCommands += 1;
    if (this.#idleCommands > IDLE_COMMANDS) this.#erred();
  }

  /** A MAIL was taken. */
  achieved(): void {
    this.#idleCommands = 0;
  }

  #erred(): void {
    this.#errors += 1;
    if (this.#ranOut || this.#errors < this.maxErrors()) return;
    this.#ranOut = true;
    this.ranOut();
  }
}

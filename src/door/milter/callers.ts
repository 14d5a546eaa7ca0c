/** Postfix's `milter_macro_v`, unless somebody named it otherwise: `Postfix 3.7.11`. */
const POSTFIX = /^Postfix\b/i;

/**
 * Which MTAs have asked at a listener so far. What can be left out of the talk
 * with Postfix is missed with others, and what to leave out is agreed on before
 * an MTA says who it is: the ones before it tell.
 */
export class Callers {
  #postfix = false;
  #others = false;

  /** @param version macro `v`; null: it did not say, and may be anyone */
  met(version: string | null): void {
    if (version !== null && POSTFIX.test(version)) this.#postfix = true;
    else this.#others = true;
  }

  get allPostfix(): boolean {
    return this.#postfix && !this.#others;
  }
}

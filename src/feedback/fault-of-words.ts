import { classify } from './fault/classify.js';
import type { FaultClass } from './outcome.js';

/** Whose fault a reply or log line says it was, by the same wordings as bounces (docs/feedback-reading.md). */
export function faultOfWords(status: string | null, text: string): FaultClass {
  return classify(text, status, null);
}

import type { Standing } from '../../store/contract.js';
import { colours } from './output.js';

export function standingInColour(standing: Standing): string {
  if (standing === 'good') return colours.green(standing);
  return standing === 'warned' ? colours.yellow(standing) : colours.red(standing);
}

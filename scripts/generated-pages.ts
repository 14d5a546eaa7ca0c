/** The pages and files that are made from the code. `npm run docs` writes them, a test compares them. */

import { configPage } from '../src/config/docs.js';
import { configJsonSchemaText } from '../src/config/json-schema.js';
import { wordingsPage } from '../src/feedback/fault/docs.js';
import { repliesPage, rulesPage } from '../src/policy/docs.js';
import { logFieldsPage, metricsPage } from '../src/telemetry/docs.js';

/** Path from the top of the project, and what the file says. */
export const GENERATED_PAGES: readonly (readonly [path: string, content: () => string])[] = [
  ['docs/rules.md', rulesPage],
  ['docs/replies.md', repliesPage],
  ['docs/config.md', configPage],
  ['docs/metrics.md', metricsPage],
  ['docs/logs.md', logFieldsPage],
  ['docs/feedback-wordings.md', wordingsPage],
  ['config/sluice.schema.json', configJsonSchemaText],
];

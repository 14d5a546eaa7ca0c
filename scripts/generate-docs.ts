import { writeFileSync } from 'node:fs';
import { GENERATED_PAGES } from './generated-pages.js';

for (const [path, content] of GENERATED_PAGES) writeFileSync(new URL(`../${path}`, import.meta.url), content());

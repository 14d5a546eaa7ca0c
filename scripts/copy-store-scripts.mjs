// The Lua scripts of the Redis store and the finders' words are loaded beside the code that names them; tsc leaves them behind.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

for (const name of readdirSync('src', { recursive: true })) {
  if (!name.endsWith('.lua') && !/^message[/\\]words[/\\].*\.json$/.test(name)) continue;
  const target = join('dist', name);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join('src', name), target);
}

import { fileURLToPath } from 'node:url';

/**
 * How node runs a module of the tests as a process of its own: compiled, like
 * the one that asks (by `PROGRAMS` of scripts/compile-tests.mjs), or from its source.
 *
 * @param name without its ending, relative to the module that asks
 * @param from the `import.meta.url` of that one
 */
export function moduleProcess(name: string, from: string): { readonly path: string; readonly execArgv: string[] } {
  const path = (ending: string) => fileURLToPath(new URL(`${name}${ending}`, from));
  if (from.endsWith('.js')) return { path: path('.js'), execArgv: [] };
  return { path: path('.ts'), execArgv: ['--import', import.meta.resolve('tsx')] };
}

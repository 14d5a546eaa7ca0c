/** How modules are joined into fewer files, for the program and for the tests: reading hundreds of them takes longer than running them. */
import { readFileSync } from 'node:fs';

/** @param placeOf an expression for the URL of a source file (an absolute path) once it is built: there it finds what lies beside it */
export function bundling(placeOf) {
  const ownPlace = {
    name: 'own-place',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => ({
        loader: 'ts',
        contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', placeOf(path)),
      }));
    },
  };
  return {
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // These bring machine code of their own.
    external: ['libsql', '@node-rs/*'],
    // CommonJS packages ask for Node's own modules by it.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    plugins: [ownPlace],
    logLevel: 'warning',
  };
}

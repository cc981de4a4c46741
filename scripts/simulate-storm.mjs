/** Runs scripts/storm/main.ts: the sources become one module, so that a million machines run at full speed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rollup } from 'rollup';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Inside node_modules, where `prettier` can be found from. */
const cache = join(root, 'node_modules', '.cache');

/** @type {import('rollup').Plugin} */
const typescript = {
  name: 'typescript',
  resolveId(id, importer) {
    if (!id.startsWith('.') || importer === undefined) return null;
    return fileURLToPath(new URL(id.replace(/\.js$/, '.ts'), pathToFileURL(importer)));
  },
  transform(code) {
    const { ESNext } = ts.ModuleKind;
    return ts.transpileModule(code, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ESNext,
        verbatimModuleSyntax: true,
      },
    }).outputText;
  },
};

mkdirSync(cache, { recursive: true });
const file = join(cache, 'storm.mjs');
const bundle = await rollup({
  input: join(root, 'scripts/storm/main.ts'),
  external: [/^node:/, 'prettier', 'mitt'],
  plugins: [typescript],
});
await bundle.write({ file, format: 'es' });
await bundle.close();
const { status } = spawnSync(process.execPath, [file, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);

/** The sources as one module that a child process can load: plain JavaScript, with `ws` where it is installed. */
import resolve from '@rollup/plugin-node-resolve';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Plugin, rollup } from 'rollup';
import ts from 'typescript';

const src = new URL('../src/', import.meta.url);
const installed = createRequire(src);

/** Bundles an entry of `src`. Returns the address of the module, and what removes it. */
export async function bundle(
  entry: string,
): Promise<{ readonly url: string; readonly remove: () => Promise<void> }> {
  const bundled = await rollup({
    input: fileURLToPath(new URL(entry, src)),
    external: ['ws', 'isomorphic-ws'],
    plugins: [typescript, resolve({ exportConditions: ['@jetsocket/source'] })],
  });
  const dir = await mkdtemp(join(tmpdir(), 'jetsocket-'));
  const file = join(dir, 'bundle.mjs');
  const paths = (id: string): string => pathToFileURL(installed.resolve(id)).href;
  await bundled.write({ file, format: 'es', paths });
  await bundled.close();
  return {
    url: pathToFileURL(file).href,
    remove: () => rm(dir, { recursive: true }),
  };
}

const typescript: Plugin = {
  name: 'typescript',
  resolveId(id, importer) {
    if (!id.startsWith('.') || importer === undefined) return null;
    const file = new URL(id.replace(/\.js$/, '.ts'), pathToFileURL(importer));
    return file.pathname.endsWith('.ts') ? fileURLToPath(file) : null;
  },
  transform(code, id) {
    if (!id.endsWith('.ts')) return null;
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { ...compilerOptions, verbatimModuleSyntax: true },
    });
    return { code: outputText, map: null };
  },
};

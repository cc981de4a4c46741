/** Bundles TypeScript for scripts that need it without a build: one module of plain JavaScript. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';
import resolve from '@rollup/plugin-node-resolve';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Inside node_modules, so that what is left outside of a bundle is found from there. */
export const cache = join(root, 'node_modules', '.cache');

/** @type {import('rollup').Plugin} */
const typescript = {
  name: 'typescript',
  resolveId(id, importer) {
    if (!id.startsWith('.') || !importer?.endsWith('.ts')) return null;
    return join(dirname(importer), id.replace(/\.js$/, '.ts'));
  },
  transform(code, id) {
    if (!id.endsWith('.ts')) return null;
    const { ESNext } = ts.ModuleKind;
    const { ES2022 } = ts.ScriptTarget;
    const compilerOptions = { target: ES2022, module: ESNext, verbatimModuleSyntax: true };
    return ts.transpileModule(code, { compilerOptions }).outputText;
  },
};

/**
 * @param {object} order
 * @param {string} order.input
 * @param {string} order.file
 * @param {(string | RegExp)[]} [order.external] What stays an import.
 * @param {string[]} [order.conditions] Those of the runtime that it is for. Default: packages are their sources.
 */
export async function bundle({ input, file, external = [], conditions }) {
  const bundled = await rollup({
    input,
    external: [/^node:/, ...external],
    plugins: [typescript, resolve({ exportConditions: conditions ?? ['@jetsocket/source'] })],
  });
  await bundled.write({ file, format: 'es' });
  await bundled.close();
}

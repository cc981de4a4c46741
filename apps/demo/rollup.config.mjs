/** Builds the page into dist/page and its server into dist/server.mjs. Needs the packages' dist. */
import resolve from '@rollup/plugin-node-resolve';
import typescript from '@rollup/plugin-typescript';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const UMD = 'jetsocket.umd.min.js';

export default [
  {
    input: here('src/main.ts'),
    plugins: [resolve({ browser: true }), compile(), copyStatic()],
    output: { file: here('dist/page/main.js'), format: 'es', sourcemap: true },
  },
  {
    input: here('server/main.ts'),
    external: [/^node:/, 'ws'],
    plugins: [resolve(), compile()],
    output: { file: here('dist/server.mjs'), format: 'es', sourcemap: true },
  },
];

function compile() {
  return typescript({
    tsconfig: here('tsconfig.json'),
    compilerOptions: { customConditions: [], noEmit: false, allowJs: false, checkJs: false },
    include: ['src/**/*.ts', 'shared/**/*.ts', 'server/**/*.ts'].map(here),
    exclude: ['**/*.test.ts'],
    noEmitOnError: true,
  });
}

/** The pages, and beside them the client's file for script tags, as a CDN would serve it. */
function copyStatic() {
  return {
    name: 'copy-static',
    writeBundle() {
      mkdirSync(here('dist/page'), { recursive: true });
      for (const name of readdirSync(here('static')))
        copyFileSync(here(`static/${name}`), here(`dist/page/${name}`));
      copyFileSync(here(`../../packages/jetsocket/dist/${UMD}`), here(`dist/page/${UMD}`));
    },
  };
}

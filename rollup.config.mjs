/**
 * Builds every package into its own dist/: ESM, CommonJS and one bundled declaration file per
 * entry, and the files for CDNs. Packages are listed in dependency order, because each is built
 * against the *built* declarations of those before it, as a user would.
 */
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import typescript from '@rollup/plugin-typescript';
import { readFileSync } from 'node:fs';
import { dts } from 'rollup-plugin-dts';
import { hashes, licenses } from './tools/release-files.mjs';

/** Package folder → entries: name in dist/ → file in src/. */
const packages = {
  core: { index: 'index.ts', protocol: 'protocol.ts' },
  browser: { index: 'index.ts' },
  node: { index: 'index.ts', 'ws-transport': 'ws-transport.ts' },
  otel: { index: 'index.ts' },
  server: { index: 'index.ts', 'redis-log': 'redis-log.ts' },
  testing: {
    index: 'index.ts',
    checks: 'checks.ts',
    conformance: 'conformance.ts',
    proxy: 'proxy/index.ts',
    simulate: 'simulate.ts',
  },
  jetsocket: {
    index: 'index.ts',
    'index.browser': 'index.browser.ts',
    websocket: 'websocket.ts',
    'websocket.browser': 'websocket.browser.ts',
  },
};

/** What needs a package that cannot be required: vitest. */
const ONLY_ESM = new Set(['testing/conformance']);

/** Without the condition `@jetsocket/source`: the other packages are what is published of them. */
const asPublished = { customConditions: [] };

/** Declarations come from rollup-plugin-dts. Source maps carry their sources, which we do not publish. */
const codeOnly = { declaration: false, isolatedDeclarations: false, inlineSources: true };

/** The licences of what is bundled in ask for it. */
const NOTICE = {
  core: '/*! Contains mitt, MIT License, Copyright (c) Jason Miller */',
  cdn: `/*!
 * JetSocket, MIT License
 * Contains mitt, MIT License, Copyright (c) Jason Miller,
 * and isomorphic-ws, MIT License, Copyright (c) Zejin Zhuang
 */`,
};

export default [
  ...Object.entries(packages).flatMap(([folder, entries]) => library(folder, entries)),
  ...cdn('jetsocket', 'cdn.ts'),
];

/**
 * What Node and bundlers load: the package alone, its dependencies left as imports.
 * @param {string} folder
 * @param {Record<string, string>} entries
 */
function library(folder, entries) {
  const required = Object.fromEntries(
    Object.entries(entries).filter(([name]) => !ONLY_ESM.has(`${folder}/${name}`)),
  );
  if (Object.keys(required).length === Object.keys(entries).length)
    return bundles(folder, entries, ['es', 'cjs']);
  return [...bundles(folder, entries, ['es']), ...bundles(folder, required, ['cjs'])];
}

/**
 * @param {string} folder
 * @param {Record<string, string>} entries
 * @param {('es' | 'cjs')[]} formats
 */
function bundles(folder, entries, formats) {
  const dir = `packages/${folder}`;
  const input = fromSource(dir, entries);
  const external = dependenciesOf(dir);
  return [
    {
      input,
      external,
      // What is not a dependency is bundled in: mitt, into core.
      plugins: [resolve(), compile(dir), licenses(dir)],
      output: formats.map((format) => output(folder, format)),
    },
    {
      input,
      external,
      plugins: [dts({ tsconfig: `${dir}/tsconfig.json`, compilerOptions: asPublished })],
      output: formats.map((format) => declarations(dir, format)),
    },
  ];
}

/**
 * What a `<script>` loads: one file with everything in it, for browsers only.
 * @param {string} folder
 * @param {string} entry
 */
function cdn(folder, entry) {
  const dir = `packages/${folder}`;
  /** @type {import('rollup').OutputOptions} */
  const umd = {
    banner: NOTICE.cdn,
    format: 'umd',
    name: 'JetSocket',
    exports: 'named',
    sourcemap: true,
  };
  return [
    {
      input: `${dir}/src/${entry}`,
      plugins: [
        resolve({ browser: true }),
        commonjs(),
        compile(dir),
        licenses(dir, ['packages/core/dist']),
        hashes(dir, ['jetsocket.umd.js', 'jetsocket.umd.min.js', 'jetsocket.esm.min.js']),
      ],
      output: [
        { ...umd, file: `${dir}/dist/jetsocket.umd.js` },
        { ...umd, file: `${dir}/dist/jetsocket.umd.min.js`, plugins: [minify()] },
        {
          format: 'es',
          banner: NOTICE.cdn,
          file: `${dir}/dist/jetsocket.esm.min.js`,
          sourcemap: true,
          plugins: [minify({ module: true })],
        },
      ],
    },
  ];
}

/** @param {string} dir @param {Record<string, string>} entries */
function fromSource(dir, entries) {
  return Object.fromEntries(
    Object.entries(entries).map(([name, file]) => [name, `${dir}/src/${file}`]),
  );
}

/** @param {string} dir */
function dependenciesOf(dir) {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(`${dir}/package.json`, 'utf8'),
  );
  const names = Object.keys({ ...dependencies, ...peerDependencies });
  return [/^node:/, ...names.map((name) => new RegExp(`^${name}(/|$)`))];
}

/** @param {string} folder @param {'es' | 'cjs'} format */
function output(folder, format) {
  const extension = format === 'es' ? 'mjs' : 'cjs';
  return {
    dir: `packages/${folder}/dist`,
    banner: folder === 'core' ? NOTICE.core : '',
    format,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `shared-[name].${extension}`,
    sourcemap: true,
    exports: 'named',
    interop: 'auto',
  };
}

/** @param {string} dir @param {'es' | 'cjs'} format */
function declarations(dir, format) {
  const extension = format === 'es' ? 'mts' : 'cts';
  return {
    dir: `${dir}/dist`,
    format,
    entryFileNames: `[name].d.${extension}`,
    chunkFileNames: `shared-[name].d.${extension}`,
  };
}

/** @param {string} dir */
function compile(dir) {
  return typescript({
    tsconfig: `${dir}/tsconfig.json`,
    compilerOptions: { ...asPublished, ...codeOnly },
    noEmitOnError: true,
  });
}

/** @param {import('@rollup/plugin-terser').Options} [options] */
function minify(options) {
  return terser({ ecma: 2020, compress: { passes: 3 }, ...options });
}

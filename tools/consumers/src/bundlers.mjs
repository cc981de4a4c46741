/** One entry in, one script out: each bundler as its own documentation says, with what it does of itself. */
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { rollup } from 'rollup';
import { build as vite } from 'vite';

/**
 * @typedef {object} Order
 * @property {string} entry @property {string} outDir
 * @property {(warning: string) => void} warn Whatever the bundler has to complain about.
 */

// Of this folder's own workspace: there are no types of them where nobody has installed it.
const require = createRequire(import.meta.url);

/** The script comes out as `app.js`. @type {Readonly<Record<string, (order: Order) => Promise<void>>>} */
export const bundlers = {
  async vite({ entry, outDir, warn }) {
    await vite({
      root: join(outDir, '..'),
      configFile: false,
      logLevel: 'silent',
      build: {
        outDir,
        rollupOptions: {
          input: entry,
          output: { entryFileNames: 'app.js' },
          onwarn: ({ message }) => warn(message),
        },
      },
    });
  },

  async webpack({ entry, outDir, warn }) {
    const stats = await new Promise((done, fail) =>
      require('webpack')(
        { mode: 'production', entry, output: { path: outDir, filename: 'app.js' } },
        (/** @type {Error | null} */ error, /** @type {any} */ result) =>
          error ? fail(error) : done(result),
      ),
    );
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    for (const { message } of [...errors, ...warnings]) warn(message);
  },

  async rollup({ entry, outDir, warn }) {
    const bundle = await rollup({
      input: entry,
      plugins: [resolve({ browser: true }), commonjs()],
      onwarn: ({ message }) => warn(message),
    });
    await bundle.write({ file: join(outDir, 'app.js'), format: 'es' });
    await bundle.close();
  },

  async esbuild({ entry, outDir, warn }) {
    const { warnings } = await require('esbuild').build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      outfile: join(outDir, 'app.js'),
      logLevel: 'silent',
    });
    for (const { text } of warnings) warn(text);
  },
};

import { defineConfig } from 'vitest/config';

/** A package is its sources, see `customConditions` in tsconfig.base.json. */
const conditions = ['@jetsocket/source'];
const shared = {
  resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] },
  // Not `module`, which Node does not know: it would get ES modules that only bundlers can load.
  ssr: { resolve: { conditions: [...conditions, 'node', 'development|production'] } },
};

export default defineConfig({
  test: {
    // Many tests let handlers fail, and listen to something else. What is written then has tests of its own.
    onConsoleLog: (log) => !log.startsWith("JetSocket: nobody listens to 'error'."),
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'packages/*/test/**/*.test.ts',
            'apps/*/{server,shared,src}/**/*.test.ts',
            'scripts/*.test.ts',
            'bench/**/*.test.mjs',
            'libraries/src/*.test.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/*/{src,test}/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
            ignoreSourceErrors: true,
          },
        },
      },
    ],
    // Of the client's core, by the tests that stand beside it: npm run coverage.
    coverage: {
      include: ['packages/core/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.test-d.ts'],
      reporter: [['text', { skipFull: true }], 'html'],
      thresholds: { branches: 98 },
    },
  },
});

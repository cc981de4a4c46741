import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Sources beside this file: what is run under Stryker is a copy, and a link would lead out of it. */
const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The tests that judge mutants: those that stand beside the machine and the delivery, and no others. They are fast,
 * and repeatable to the last random value, so that a score is a fact about the tests. What draws whole worlds takes too
 * long to be run for each mutant.
 */
export default defineConfig({
  resolve: {
    alias: {
      '@jetsocket/core/protocol': source('./packages/core/src/protocol.ts'),
      '@jetsocket/core': source('./packages/core/src/index.ts'),
      '@jetsocket/testing': source('./packages/testing/src/index.ts'),
    },
  },
  test: {
    include: [`packages/core/src/${process.env['MUTATED'] ?? '{machine,delivery}'}/**/*.test.ts`],
    exclude: ['**/*.property.test.ts'],
    testTimeout: 60_000,
    setupFiles: ['scripts/mutation/seed.ts'],
  },
});

/** The folder of core whose mutants its own tests have to find. */
const folder = process.env['MUTATED'] ?? 'machine';

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: [`packages/core/src/${folder}/**/*.ts`, '!**/*.test.ts'],
  ignorePatterns: [
    '**',
    '!packages/core/src/**',
    '!packages/core/test/**',
    '!packages/core/package.json',
    '!packages/testing/src/**',
    '!packages/testing/package.json',
    '!package.json',
    '!tsconfig*.json',
    '!vitest.mutation.config.ts',
    '!scripts/mutation/**',
  ],
  tempDirName: `.cache/stryker-${folder}`,
  reporters: ['json', 'clear-text', 'progress-append-only'],
  jsonReporter: { fileName: `test-results/mutation-${folder}.json` },
  clearTextReporter: {
    allowColor: false,
    allowEmojis: false,
    logTests: false,
    reportTests: false,
    reportScoreTable: true,
    skipFull: false,
  },
  incremental: true,
  incrementalFile: `.cache/mutation-${folder}.json`,
  concurrency: 1,
  allowEmpty: false,
  disableTypeChecks: true,
  // The script judges, once its page is written.
  thresholds: { high: 95, low: 90, break: null },
};

import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TESTS = ['**/*.test.ts', '**/*.test-d.ts', '**/*.spec.ts', '**/test/**/*.ts'];

export default defineConfig(
  globalIgnores([
    '**/dist/',
    'docs/.vitepress/cache/',
    // Where mutants live, while they do.
    '.cache/',
    '**/coverage/',
    'test-results/',
    'playwright-report/',
  ]),
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // An async function without await keeps a promise a promise: it cannot throw synchronously.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: TESTS,
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  // tsc checks the names in JavaScript files (`checkJs`), and knows the globals of Node.
  { files: ['**/*.mjs', '**/*.js'], rules: { 'no-undef': 'off' } },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
);

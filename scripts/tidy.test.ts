/** The style of this repository, as tests. Each rule is also shown to bite. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as rules from './tidy-rules.js';
import type { File, Rule } from './tidy-rules.js';

const root = join(import.meta.dirname, '..');

/** Not ours, or not kept. */
const SKIPPED = [
  '.git',
  'node_modules',
  'dist',
  'coverage',
  'test-results',
  'playwright-report',
  '.cache',
  // Of the site: what TypeDoc wrote, and what was made of all.
  'reference',
  'cache',
];
const CODE = /\.(ts|mjs|js)$/;
const TEXT = /\.(ts|mjs|js|json|ya?ml|md|html|css|txt|sh)$|(^|\/)[^/.]+$|\/?\.[\w-]+$/;

const PICTURE = /\.png$/;

const files = filesIn(root);
const code = files.filter(({ path }) => CODE.test(path));

const WORD = 'TO' + 'DO';
const IGNORE = '@ts-' + 'ignore';
const HOME = '/home' + '/ada/jetsocket';
const REGISTRY = 'registry' + '.npmjs.org';

/** A rule, the files it is for, and what it must and must not complain about. */
type Row = {
  readonly rule: keyof typeof rules;
  readonly over: readonly File[];
  readonly bad: readonly (readonly [path: string, text: string])[];
  readonly good: readonly (readonly [path: string, text: string])[];
};

// prettier-ignore
const rows: Row[] = [
  { rule: 'packageImports', over: code,
    bad: [
      ['packages/core/src/codec.ts', "import { x } from '@jetsocket/browser';"],
      ['packages/core/src/codec.ts', "import { x } from 'node:fs';"],
      ['packages/core/src/codec.ts', "export * from '../../browser/src/index.js';"],
      ['packages/browser/src/index.ts', "const node = await import('@jetsocket/node');"],
      ['packages/browser/src/index.ts', "const node = require('@jetsocket/node');"],
      ['packages/testing/src/index.ts', "import 'jetsocket';"],
      ['packages/node/src/index.ts', "type Other = import('@jetsocket/testing').Clock;"],
      ['packages/unheard-of/src/index.ts', ''],
    ],
    good: [
      ['packages/core/src/codec.ts', "import { x } from './errors.js';"],
      ['packages/core/src/codec.test.ts', "import { x } from '@jetsocket/testing';"],
      ['packages/node/src/index.ts', "import ws from 'ws'; import { x } from 'node:http'; import { y } from '@jetsocket/core';"],
      ['apps/demo/src/main.ts', "import { connect } from 'jetsocket';"],
    ] },
  { rule: 'coreLayers', over: code,
    bad: [
      ['packages/core/src/machine/transition.ts', "import { x } from '../delivery/outbox.js';"],
      ['packages/core/src/machine/transition.ts', "import { JetSocketError } from '../errors.js';"],
      ['packages/core/src/machine/transition.ts', "import { type A, b } from '../errors.js';"],
      ['packages/core/src/machine/transition.ts', "import type { Clock } from '../ports.js';"],
      ['packages/core/src/delivery/outbox.ts', "import { x } from '../machine/state.js';"],
      ['packages/core/src/delivery/outbox.ts', "import { x } from '../runtime/runtime.js';"],
      ['packages/core/src/runtime/runtime.ts', "import { JetSocket } from '../jet-socket.js';"],
      ['packages/core/src/runtime/runtime.ts', "import { clock } from '../adapters/system-clock.js';"],
      ['packages/core/src/adapters/web-socket.ts', "import type { State } from '../machine/state.js';"],
      ['packages/core/src/options.ts', "import { Runtime } from './runtime/runtime.js';"],
    ],
    good: [
      ['packages/core/src/machine/transition.ts', "import { x } from './state.js'; import type { E } from '../errors.js';"],
      ['packages/core/src/machine/transition.ts', "import { type E } from '../events.ts';"],
      ['packages/core/src/runtime/runtime.ts', "import { transition } from '../machine/transition.js'; import '../ports.js';"],
      ['packages/core/src/adapters/web-socket.ts', "import type { Transport } from '../ports.js';"],
      ['packages/core/src/jet-socket.ts', "import { Runtime } from './runtime/runtime.js';"],
    ] },
  { rule: 'soleImporter', over: code,
    bad: [
      ['packages/core/src/runtime/runtime.ts', "import mitt from 'mitt';"],
      ['packages/jetsocket/src/index.ts', "export { default } from 'isomorphic-ws';"],
    ],
    good: [
      ['packages/core/src/runtime/emitter.ts', "import mitt from 'mitt';"],
      ['packages/jetsocket/src/socket.ts', "import Socket from 'isomorphic-ws';"],
    ] },
  { rule: 'noWorldInCore', over: code,
    bad: [
      ['packages/core/src/runtime/timers.ts', 'const now = Date.now();'],
      ['packages/core/src/runtime/timers.ts', 'const now = new Date();'],
      ['packages/core/src/runtime/timers.ts', 'const now = performance.now();'],
      ['packages/core/src/machine/random.ts', 'const dice = Math.random;'],
      ['packages/core/src/runtime/timers.ts', 'setTimeout(f, 1);'],
      ['packages/core/src/runtime/timers.ts', 'globalThis.setInterval(f, 1);'],
      ['packages/core/src/runtime/timers.ts', 'const later = setTimeout;'],
      ['packages/core/src/jet-socket.ts', "console.warn('x');"],
      ['packages/core/src/adapters/system-random.ts', 'const now = Date.now();'],
    ],
    good: [
      ['packages/core/src/runtime/timers.ts', 'clock.setTimeout(f, 1); // Not Date.now(): setTimeout of the port.'],
      ['packages/core/src/ports.ts', 'export type Clock = { setTimeout(f: () => void): void; now(): number };'],
      ['packages/core/src/adapters/system-clock.ts', 'setTimeout(f, Date.now());'],
      ['packages/core/src/adapters/system-random.ts', 'const dice = Math.random();'],
      ['packages/core/src/codec.test.ts', 'console.log(Date.now());'],
      ['packages/testing/src/proxy/index.ts', 'setTimeout(f, 1);'],
    ] },
  { rule: 'lineWidth', over: code.filter(({ path }) => path.endsWith('.ts')),
    bad: [['packages/core/src/codec.ts', `// ${'x'.repeat(138)}`]],
    good: [['packages/core/src/codec.ts', `// ${'x'.repeat(137)}`]] },
  { rule: 'functionLength', over: code,
    bad: [
      ['packages/core/src/codec.ts', `function f() {\n${'x();\n'.repeat(59)}}`],
      ['packages/core/src/codec.ts', `const f = () => {\n${'x();\n'.repeat(59)}};`],
      ['packages/core/src/codec.ts', `class A { f() {\n${'x();\n'.repeat(59)}} }`],
      ['packages/core/src/codec.test.ts', `it('x', () => {\n${'x();\n'.repeat(59)}});`],
    ],
    good: [
      ['packages/core/src/codec.ts', `function f() {\n${'x();\n'.repeat(58)}}`],
      ['packages/core/src/codec.test.ts', `describe('x', () => {\n${'x();\n'.repeat(99)}});`],
      ['packages/core/src/codec.test.ts', `describe.each([1])('x', () => {\n${'x();\n'.repeat(99)}});`],
    ] },
  { rule: 'noLeftovers', over: files,
    bad: [['packages/core/src/codec.ts', `// ${WORD}: later`], ['CONTRIBUTING.md', `${WORD}`]],
    good: [['packages/core/src/codec.ts', '// Done.']] },
  { rule: 'noAny', over: code,
    bad: [
      ['packages/core/src/codec.ts', 'const x = y as any;'],
      ['packages/core/src/codec.ts', 'function f(x: any) {}'],
      ['packages/core/src/codec.test.ts', 'const x: Map<string, any> = y;'],
    ],
    good: [
      ['packages/core/src/codec.ts', "const any = 'any'; // as any"],
      ['packages/core/src/adapters/web-socket.ts', 'const x = y as any;'],
    ] },
  { rule: 'noSuppression', over: code,
    bad: [['packages/core/src/codec.ts', `// ${IGNORE}`]],
    good: [['packages/core/src/codec.test-d.ts', '// @ts-expect-error']] },
  { rule: 'noMachine', over: files,
    bad: [
      ['scripts/a.mjs', `const dir = '${HOME}';`],
      ['docs/a.md', `See ${HOME}.`],
      ['pnpm-lock.yaml', `tarball: https://${REGISTRY}/ws.tgz`],
    ],
    good: [
      ['docs/a.md', 'wss://example.com/home/ada, /usr/bin/chromium, packages/core/work/x'],
    ] },
];

describe.each(rows)('tidy: $rule', ({ rule, over, bad, good }) => {
  const check = rules[rule] as Rule;

  it('holds everywhere', () => {
    expect(over.length).toBeGreaterThan(0);
    expect(over.flatMap((file) => check(file))).toEqual([]);
  });

  it.each(bad)('complains about %s (%#)', (path, text) => {
    expect(check({ path, text })).toEqual([expect.stringContaining(path)]);
  });

  it.each(good)('is content with %s (%#)', (path, text) => {
    expect(check({ path, text })).toEqual([]);
  });
});

it('tidy: every rule is in the table', () => {
  const all = Object.keys(rules).filter((name) => name !== 'importsOf');
  expect(rows.map(({ rule }) => rule).sort()).toEqual(all.sort());
});

function filesIn(dir: string): File[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter(({ name }) => !SKIPPED.includes(name))
    .flatMap((entry) => {
      const absolute = join(dir, entry.name);
      if (entry.isDirectory()) return filesIn(absolute);
      const path = relative(root, absolute).split(sep).join('/');
      return TEXT.test(path) && !PICTURE.test(path)
        ? [{ path, text: readFileSync(absolute, 'utf8') }]
        : [];
    });
}

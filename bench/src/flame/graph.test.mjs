import { expect, it } from 'vitest';
import { fileOf, framesOf } from './frames.mjs';
import { flameGraph } from './graph.mjs';

/** @param {number} id @param {string} functionName @param {string} url @param {number[]} [children] */
const node = (id, functionName, url, children) => ({
  id,
  callFrame: { functionName, scriptId: '0', url, lineNumber: 0, columnNumber: 0 },
  ...(children && { children }),
});
const CORE = 'file:///somewhere/packages/core/dist/index.mjs';
const profile = {
  nodes: [
    node(1, '(root)', '', [2, 3, 6]),
    node(2, '(idle)', ''),
    node(3, 'onread', 'node:internal/stream_base_commons', [4, 5]),
    // The same function twice: called from two lines of another.
    node(4, 'take', CORE, [7]),
    node(5, 'take', CORE, [8]),
    node(6, '(garbage collector)', ''),
    node(7, 'emit<T>', CORE),
    node(8, 'emit<T>', CORE),
  ],
  samples: [2, 2, 2, 3, 4, 5, 7, 8, 8, 6],
  startTime: 0,
  endTime: 10,
};

it('framesOf() counts a function with what it calls, joins its calls, and leaves waiting out', () => {
  const root = framesOf(profile);
  expect(root.samples).toBe(7);
  const [onread, gc] = [...root.callees.values()];
  expect(onread).toMatchObject({ name: 'onread', samples: 6 });
  expect(gc).toMatchObject({ name: '(garbage collector)', samples: 1 });
  const [take, ...others] = [...(onread?.callees.values() ?? [])];
  expect(others).toEqual([]);
  expect(take).toMatchObject({ name: 'take', file: 'core/dist/index.mjs', samples: 5 });
  expect([...(take?.callees.values() ?? [])]).toMatchObject([{ name: 'emit<T>', samples: 3 }]);
});

it.each([
  ['file:///a/b/packages/core/dist/index.mjs', 'core/dist/index.mjs'],
  ['file:///a/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/receiver.js', 'ws/lib/receiver.js'],
  ['file:///a/b/bench/src/clients/jet.mjs', 'bench/clients/jet.mjs'],
  ['file:///a/b/other.mjs', 'bench/other.mjs'],
  ['node:internal/streams/readable', 'node:internal/streams/readable'],
  ['', ''],
])('fileOf() says of %j no more than %j', (url, file) => {
  expect(fileOf(url)).toBe(file);
});

it('flameGraph() draws each function above its caller, in proportion, its name cut off by its box', () => {
  const svg = flameGraph(framesOf(profile), 'Receiving');
  const boxes = [...svg.matchAll(/<svg x="([\d.]+)" y="(-\d+)" width="([\d.]+)".*?<title>(.*?)</g)];
  expect(boxes.map(([, x, y, width, title]) => [title, x, y, width])).toEqual([
    ['all, 100.0 %', '12.0', '-18', '1176.0'],
    ['onread · node:internal/stream_base_commons, 85.7 %', '12.0', '-36', '1008.0'],
    ['take · core/dist/index.mjs, 71.4 %', '12.0', '-54', '840.0'],
    ['emit&#60;T&#62; · core/dist/index.mjs, 42.9 %', '12.0', '-72', '504.0'],
    ['(garbage collector), 14.3 %', '1020.0', '-36', '168.0'],
  ]);
  expect(svg).not.toContain('somewhere');
  expect(svg).toContain('<rect class="jet" width="100%"');
});

it('flameGraph() of a profile without samples is a picture still', () => {
  const svg = flameGraph(framesOf({ ...profile, samples: [] }), 'Nothing');
  expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
  expect(svg).not.toContain('NaN');
});

import { expect, it } from 'vitest';
import { plot } from './plot.mjs';

const point = (/** @type {number} */ at, /** @type {number} */ ns) => ({
  point: at,
  ns,
  least: ns - 50,
  greatest: ns + 50,
});
const chart = (/** @type {ReturnType<typeof point>[]} */ ...points) => ({
  title: 'Received',
  unit: 'handlers',
  of: 'a message',
  points,
});

it('plot() draws equal costs at one height, and equal factors at equal distances', () => {
  const svg = plot([chart(point(1, 200), point(10, 200), point(100, 200))]);
  const dots = [...svg.matchAll(/<circle class="dot" cx="([\d.]+)" cy="([\d.]+)"/g)];
  const [first, second, third] = dots.map(([, x]) => Number(x));
  expect(dots).toHaveLength(3);
  expect(new Set(dots.map(([, , y]) => y)).size).toBe(1);
  expect(Number(second) - Number(first)).toBeCloseTo(Number(third) - Number(second));
});

it('plot() begins at zero, and has the greatest in it', () => {
  const svg = plot([chart(point(1, 100), point(10, 1_100))]);
  const [zero, ...rest] = [...svg.matchAll(/text-anchor="end">([\d,]+)</g)].map(([, ns]) => ns);
  expect(zero).toBe('0');
  expect(rest.at(-1)).toBe('1,200');
  const [[, , low = ''] = [], [, , high = ''] = []] = [
    ...svg.matchAll(/<circle class="dot" cx="([\d.]+)" cy="([\d.]+)"/g),
  ];
  // In proportion: 100 of 1,200 from the line at zero, and 1,100 of it.
  const base = Number(/y1="([\d.]+)"/.exec(svg)?.[1]);
  expect((base - Number(high)) / (base - Number(low))).toBeCloseTo(11, 0);
});

it('plot() sets charts side by side, two a row', () => {
  const one = chart(point(1, 100), point(10, 100));
  const svg = plot([one, one, one]);
  const places = [...svg.matchAll(/<g transform="translate\((\d+ \d+)\)">/g)];
  expect(places.map(([, place]) => place)).toEqual(['0 0', '560 0', '0 210']);
  expect(svg).not.toContain('NaN');
});

/**
 * One point of one axis, in a process of its own: `node point.mjs <axis> <point> <origin>`. Tells the median of what it
 * measured, the least and the greatest, in nanoseconds.
 */
import { quantile } from '../statistics.mjs';
import { axes } from './axes.mjs';

const ROUNDS = 7;

const [, , name = '', point = '0', origin = ''] = process.argv;
const axis = axes[name];
if (axis === undefined) throw new Error(`There is no axis '${name}'`);
const measure = await axis.begin(Number(point), origin);
// The first one is compiled on the way.
await measure();
const measured = [];
for (let round = 0; round < ROUNDS; round++) {
  globalThis.gc?.();
  measured.push(await measure());
}
process.send?.({
  ns: quantile(measured, 0.5),
  least: Math.min(...measured),
  greatest: Math.max(...measured),
});
process.exit();

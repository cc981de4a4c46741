import { expect, it } from 'vitest';
import { nextRandom } from './random.js';

it('nextRandom() is repeatable, in [0, 1), and does not run in a short circle', () => {
  const seeds = new Set<number>();
  let seed = 1;
  for (let drawn = 0; drawn < 100_000; drawn++) {
    const [random, next] = nextRandom(seed);
    const [again, nextAgain] = nextRandom(seed);
    if (again !== random || nextAgain !== next) expect.fail(`seed ${seed} draws two numbers`);
    if (random < 0 || random >= 1) expect.fail(`${random} is not in [0, 1)`);
    seeds.add(next);
    seed = next;
  }
  expect(seeds.size).toBe(100_000);
});

it('nextRandom() draws the numbers of Mulberry32', () => {
  const numbers: number[] = [];
  let seed = 1;
  for (let drawn = 0; drawn < 3; drawn++) {
    const [random, next] = nextRandom(seed);
    numbers.push(Number(random.toFixed(6)));
    seed = next;
  }
  expect(numbers).toEqual([0.627074, 0.002736, 0.527447]);
});

/**
 * The next number in [0, 1), and the seed after it. Mulberry32, by Tommy Ettinger: 32 bits of
 * state are plenty to spread delays with, and none of it is secret.
 */
export function nextRandom(seed: number): readonly [random: number, seed: number] {
  const next = (seed + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return [((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296, next];
}

/**
 * The value below which a share of all lies, between two of them in proportion.
 *
 * @param {readonly number[]} values At least one, in any order.
 * @param {number} share From 0, the smallest, to 1, the largest; 0.5 is the median.
 */
export function quantile(values, share) {
  if (values.length === 0) throw new RangeError('There is no quantile of nothing');
  const sorted = [...values].sort((one, other) => one - other);
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? 0;
  return below + (above - below) * (position - Math.floor(position));
}

/**
 * How many times as much the second of each pair is as the first: the median of the rounds' own ratios, in which
 * what slowed a whole round down cancels out, with the least and the greatest.
 *
 * @param {readonly number[]} base
 * @param {readonly number[]} other Measured in the same rounds.
 */
export function ratioOf(base, other) {
  if (base.length !== other.length) throw new RangeError('Every round has one of each');
  const ratios = base.map((value, round) => (other[round] ?? NaN) / value);
  return {
    median: quantile(ratios, 0.5),
    least: Math.min(...ratios),
    greatest: Math.max(...ratios),
  };
}

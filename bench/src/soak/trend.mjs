/**
 * How much `y` grows with `x`, by least squares.
 * @param {readonly { readonly x: number, readonly y: number }[]} points At least two, with different `x`.
 */
export function slope(points) {
  const mean = (/** @type {'x' | 'y'} */ axis) =>
    points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [middleX, middleY] = [mean('x'), mean('y')];
  let [rise, run] = [0, 0];
  for (const { x, y } of points) {
    rise += (x - middleX) * (y - middleY);
    run += (x - middleX) ** 2;
  }
  if (run === 0) throw new RangeError('Cannot find a slope: every point has the same x');
  return rise / run;
}

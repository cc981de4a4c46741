/**
 * Breaks a network about every 200 ms: mostly a reset, now and then a black hole or a standstill of 400 ms, or an
 * end in the middle of a frame. The same for the same dice.
 * @param {import('@jetsocket/testing/proxy').FaultProxy} proxy
 * @param {() => number} random
 * @returns {() => Promise<number>} Ends it, and says how often it broke something.
 */
export function breakAtRandom(proxy, random) {
  let faults = 0;
  let isOver = false;
  const run = async () => {
    while (!isOver) {
      await pause(100 + random() * 200);
      if (isOver) return;
      faults++;
      const roll = random();
      if (roll < 0.7) proxy.cut();
      else if (roll < 0.85)
        proxy.truncateAfter(Math.floor(random() * 200), random() < 0.5 ? 'up' : 'down');
      else {
        if (roll < 0.93) proxy.hang();
        else proxy.stall();
        await pause(400);
        await proxy.restore();
        proxy.slow({ delayMs: DELAY_MS });
      }
    }
  };
  const running = run();
  return async () => {
    isOver = true;
    await running;
    return faults;
  };
}

/** Of the network, one way. */
export const DELAY_MS = 25;

/** @param {number} ms @returns {Promise<void>} */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * How often a real server is called, whatever asks for it. The sockets are real, the time is not: it stands still while
 * a connection is made and ends, so that nothing but the budget slows anybody down.
 */
import { FakeClock, FakeSignals } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { JetSocket, type NodeOptions } from '../src/index.js';
import { EventLog, serve } from './test-kit.js';

const MINUTE_MS = 60_000;

/** A server that accepts, and closes at once. When it was called, by the client's clock. */
async function slammingDoor(options: NodeOptions) {
  const clock = new FakeClock();
  const server = await serve();
  const calls: number[] = [];
  server.wss.on('connection', (peer) => {
    calls.push(clock.now());
    peer.close(1011);
  });
  const signals = new FakeSignals();
  const socket = new JetSocket(server.url, { clock, signals, ...options });
  const log = new EventLog(socket);
  let made = 0;
  socket.on('connecting', () => void made++);
  // Told to connect, and held back by the budget: the attempt has not begun.
  const isHeld = (): boolean => socket.state === 'connecting' && made === calls.length;
  const isWaiting = (): boolean => socket.state === 'backing_off' || isHeld();
  void socket.connect();
  /** Lets so much time pass, in small steps, while the client waits; meanwhile something may happen. */
  const pass = async (forMs: number, stepMs: number, meanwhile = (): void => undefined) => {
    const untilMs = clock.now() + forMs;
    while (clock.now() < untilMs) {
      await log.when(() => isWaiting(), 'a wait');
      meanwhile();
      await clock.advance(stepMs);
    }
  };
  return { clock, calls, signals, socket, pass };
}

/** The most calls in any one minute. */
const busiest = (calls: readonly number[]): number =>
  Math.max(
    ...calls.map((from) => calls.filter((at) => at >= from && at < from + MINUTE_MS).length),
  );

describe('a server that accepts and closes at once', () => {
  it.each([20, 60])(
    'is called %i times in any minute by whoever will not wait, and no more',
    async (maxPerMinute) => {
      const { calls, pass } = await slammingDoor({
        backoff: { maxPerMinute },
        reconnect: () => ({ delayMs: 0 }),
      });
      await pass(4 * MINUTE_MS, 50);
      expect(busiest(calls)).toBeLessThanOrEqual(maxPerMinute);
      // All that is allowed: half of it at once, and then half of it in each minute.
      expect(calls.length).toBeGreaterThanOrEqual((maxPerMinute / 2) * 5);
    },
  );

  it('is called six times in the first minute by the defaults without dice', async () => {
    const { calls, pass } = await slammingDoor({ backoff: { jitter: false } });
    await pass(MINUTE_MS, 100);
    expect(calls).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000]);
  });

  it('is called as often as the budget says through 1,000 `online` in each second', async () => {
    const { calls, signals, pass } = await slammingDoor({ backoff: { maxPerMinute: 20 } });
    await pass(2 * MINUTE_MS, 10, () => {
      for (let flap = 0; flap < 10; flap++) signals.raise('online');
    });
    expect(busiest(calls)).toBeLessThanOrEqual(20);
    expect(calls.length).toBeGreaterThanOrEqual(30);
  });

  it('is called once a second at most through 10,000 `offline` and `online` in each', async () => {
    const { calls, signals, pass } = await slammingDoor({ backoff: { jitter: false } });
    await pass(10_000, 10, () => {
      for (let flap = 0; flap < 100; flap++) {
        signals.raise('offline');
        signals.raise('online');
      }
    });
    expect(calls.length).toBeGreaterThanOrEqual(8);
    expect(calls.length).toBeLessThanOrEqual(11);
  });

  it('is called as often as the budget says by a handler that calls reconnect() each time', async () => {
    const { calls, socket, pass } = await slammingDoor({ backoff: { maxPerMinute: 20 } });
    socket.on('disconnected', () => socket.reconnect());
    await pass(4 * MINUTE_MS, 50, () => socket.reconnect());
    expect(busiest(calls)).toBeLessThanOrEqual(20);
    expect(calls.length).toBeGreaterThanOrEqual(45);
  });

  it('is called as often as the budget says by a handler that begins anew each time', async () => {
    const { calls, socket, pass } = await slammingDoor({
      backoff: { maxPerMinute: 20 },
      reconnect: () => false,
    });
    socket.on('closed', () => void socket.connect().catch(() => undefined));
    await pass(4 * MINUTE_MS, 50);
    expect(busiest(calls)).toBeLessThanOrEqual(20);
    expect(calls.length).toBeGreaterThanOrEqual(45);
  });
});

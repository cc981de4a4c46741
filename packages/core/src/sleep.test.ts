import { createGrammarChecker, FakeClock, FakeSignals, FakeTransport } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { bench, connected } from '../test/test-kit.js';
import { JetSocket } from './jet-socket.js';

const MINUTE_MS = 60_000;

describe('signals', () => {
  it('are listened to from connect() until closed, and not before', async () => {
    const signals = new FakeSignals();
    const { clock, socket } = bench({ signals });
    expect(signals.listeners).toBe(0);
    void socket.connect();
    expect(signals.listeners).toBe(1);
    await clock.advance(20);
    void socket.close();
    await clock.advance(20);
    expect([socket.state, signals.listeners]).toEqual(['closed', 0]);
    void socket.connect();
    expect(signals.listeners).toBe(1);
  });

  it('are not listened to after a failure', async () => {
    const signals = new FakeSignals();
    const { clock, socket, transport } = bench({ signals });
    transport.refuse(1, { httpStatus: 401 });
    void socket.connect();
    await clock.advance(20);
    expect([socket.state, signals.listeners]).toEqual(['failed', 0]);
  });

  it('false: none are listened to, whatever the platform has', () => {
    const signals = new FakeSignals();
    const clock = new FakeClock();
    const transport = new FakeTransport({ clock });
    const platform = { signals: () => signals };
    void new JetSocket('wss://host/', { clock, transport, signals: false }, platform).connect();
    expect(signals.listeners).toBe(0);
    void new JetSocket('wss://host/', { clock, transport }, platform).connect();
    expect(signals.listeners).toBe(1);
  });

  it('that cannot be listened to are misuse', () => {
    expect(() => bench({ signals: {} as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});

describe('a pause', () => {
  it('is followed by a question, and a silent socket is abandoned without waiting for its close', async () => {
    const signals = new FakeSignals();
    const { clock, transport, names } = await connected({ signals });
    await clock.advance(5_000);
    transport.links[0]?.stall();
    signals.raise('visible');
    expect(names()).toEqual(['ping']);
    await clock.advance(2_499);
    expect(transport.attempts).toBe(1);
    await clock.advance(1);
    // At once: it is the return that found it dead.
    expect(transport.attempts).toBe(2);
    expect(names()).toEqual(['error', 'disconnected', 'reconnecting', 'connecting']);
  });

  it('leaves a connection alone that answers', async () => {
    const signals = new FakeSignals();
    const { clock, transport, names } = await connected({ signals });
    await clock.advance(5_000);
    signals.raise('online');
    await clock.advance(10_000);
    expect([names(), transport.attempts]).toEqual([['ping', 'pong'], 1]);
  });

  it.each([true, false])(
    'is seen by the clocks alone, monotonic going on: %s',
    async (monotonic) => {
      const { clock, transport, names } = await connected();
      await clock.advance(5_000);
      clock.sleep(10 * MINUTE_MS, { monotonic });
      transport.links[0]?.stall();
      await clock.advance(25_000 + 2_500);
      expect(transport.attempts).toBe(2);
      expect(names()).toContain('reconnecting');
    },
  );

  it.each([
    ['an hour ahead', 3_600_000],
    ['an hour back', -3_600_000],
    ['to 1970', -1_700_000_000_000],
    ['to before 1970', -1_800_000_000_000],
  ])('is not what a clock means that is set %s: nothing is lost', async (_name, ms) => {
    const { clock, socket, transport, names } = await connected();
    clock.jumpWallClock(ms);
    await clock.advance(5 * MINUTE_MS);
    expect([transport.attempts, socket.state]).toEqual([1, 'connected']);
    expect(new Set(names())).toEqual(new Set(['ping', 'pong']));
    transport.links[0]?.cut();
    await clock.advance(2_000);
    expect([transport.attempts, socket.state]).toEqual([2, 'connected']);
  });

  it.each([
    ['an hour ahead', 3_600_000],
    ['an hour back', -3_600_000],
    ['to 1970', -1_700_000_000_000],
  ])(
    'is not what a clock means that is set %s during a wait: it is no shorter, and no longer',
    async (_name, ms) => {
      const { clock, transport } = await connected({ backoff: { baseMs: 8_000, jitter: false } });
      transport.links[0]?.cut();
      await clock.advance(4_000);
      clock.jumpWallClock(ms);
      await clock.advance(3_999);
      expect(transport.attempts).toBe(1);
      await clock.advance(1);
      expect(transport.attempts).toBe(2);
    },
  );

  it.each([0, -1_000_000])(
    'is not what a clock means that says %d ms since 1970 from the start',
    async (unixMs) => {
      const clock = new FakeClock({ unixMs });
      const transport = new FakeTransport({ clock });
      const socket = new JetSocket('wss://host/', { clock, transport });
      const checker = createGrammarChecker();
      socket.on('*', (event) => checker.accept(event));
      const times: number[] = [];
      socket.on('*', ({ timestamp }) => times.push(timestamp * 1_000));
      void socket.connect();
      await clock.advance(5 * MINUTE_MS);
      transport.links[0]?.cut();
      await clock.advance(MINUTE_MS);
      expect([transport.attempts, socket.state]).toEqual([2, 'connected']);
      expect(times[0]).toBeCloseTo(unixMs);
      expect(times.at(-1)).toBeGreaterThan(unixMs + 5 * MINUTE_MS - 1);
    },
  );

  it('pageshow without pagehide is a question, and no more', async () => {
    const signals = new FakeSignals();
    const { clock, transport, names } = await connected({ signals });
    await clock.advance(5_000);
    signals.raise('restored');
    await clock.advance(5_000);
    expect([names(), transport.attempts]).toEqual([['ping', 'pong'], 1]);
  });
});

/** Timers of a hidden page: they fire once a minute, all that are due. */
class ThrottledClock extends FakeClock {
  override setTimer(delayMs: number, run: () => void): unknown {
    const dueMs = this.now() + delayMs;
    const throttledMs = Math.ceil(dueMs / MINUTE_MS) * MINUTE_MS;
    return super.setTimer(throttledMs - this.now(), run);
  }
}

describe('a page whose timers fire once a minute', () => {
  it.each([true, false])('keeps a healthy connection for a day, can ping: %s', async (canPing) => {
    const clock = new ThrottledClock();
    const network = new FakeClock();
    const transport = new FakeTransport({ clock: network, canPing });
    const signals = new FakeSignals();
    const socket = new JetSocket('wss://host/', { clock, transport, signals });
    void socket.connect();
    await network.advance(20);
    signals.raise('hidden');
    for (let minute = 0; minute < 24 * 60; minute++) {
      await clock.advance(MINUTE_MS);
      await network.advance(MINUTE_MS);
    }
    expect([transport.attempts, socket.state]).toEqual([1, 'connected']);
  });

  it('finds a dead one within four minutes', async () => {
    const clock = new ThrottledClock();
    const network = new FakeClock();
    const transport = new FakeTransport({ clock: network });
    const signals = new FakeSignals();
    const socket = new JetSocket('wss://host/', { clock, transport, signals });
    void socket.connect();
    await network.advance(20);
    signals.raise('hidden');
    transport.links[0]?.stall();
    await clock.advance(4 * MINUTE_MS);
    expect(transport.attempts).toBeGreaterThan(1);
  });
});

describe('without a network', () => {
  it('there is one attempt a minute, and one at once when there is one again', async () => {
    const signals = new FakeSignals();
    const { clock, socket, transport } = await connected({ signals });
    transport.refuse(1_000);
    signals.raise('offline');
    transport.links[0]?.cut();
    await clock.advance(10 * MINUTE_MS);
    expect([transport.attempts, socket.state]).toEqual([10, 'backing_off']);
    transport.heal();
    signals.raise('online');
    await clock.advance(20);
    expect([transport.attempts, socket.state]).toEqual([11, 'connected']);
  });

  it('10,000 flaps a second make one attempt a second, and leave nothing behind', async () => {
    const signals = new FakeSignals();
    const { clock, socket, transport } = await connected({ signals });
    transport.refuse(1_000);
    transport.links[0]?.cut();
    await clock.advance(1);
    for (let ms = 0; ms < 5_000; ms++) {
      for (let flap = 0; flap < 5; flap++) {
        signals.raise('offline');
        signals.raise('online');
      }
      await clock.advance(1);
    }
    expect(transport.attempts).toBeLessThanOrEqual(7);
    expect(clock.pendingCount - transport.pendingCount).toBeLessThanOrEqual(1);
    void socket.close();
    expect(clock.pendingCount - transport.pendingCount).toBe(0);
  });

  it('10,000 flaps a second on a connection make one question a second', async () => {
    const signals = new FakeSignals();
    const { clock, transport, names } = await connected({ signals });
    for (let ms = 0; ms < 5_000; ms++) {
      for (let flap = 0; flap < 5; flap++) {
        signals.raise('offline');
        signals.raise('online');
      }
      await clock.advance(1);
    }
    expect(names().filter((name) => name === 'ping').length).toBeLessThanOrEqual(6);
    expect(transport.attempts).toBe(1);
  });
});

describe('a page that is left', () => {
  it('lets go of its connection, attempts nothing, and connects when it is back', async () => {
    const signals = new FakeSignals();
    const made = await connected({ signals });
    const { clock, events, names, socket, transport } = made;
    signals.raise('stored');
    signals.raise('hidden');
    signals.raise('frozen');
    expect(names()).toEqual(['disconnected', 'reconnecting']);
    socket.send('waits');
    await clock.advance(10 * MINUTE_MS);
    expect([transport.attempts, transport.liveLinks, clock.pendingCount]).toEqual([1, [], 0]);
    signals.raise('resumed');
    signals.raise('visible');
    signals.raise('restored');
    await clock.advance(40);
    expect([transport.attempts, socket.state]).toEqual([2, 'connected']);
    expect(transport.received).toEqual(['"waits"']);
    const grammar = createGrammarChecker();
    for (const event of events) grammar.accept(event);
  });

  it('stays closed when it was closed by hand, whatever is said', async () => {
    const signals = new FakeSignals();
    const { clock, socket, transport } = await connected({ signals });
    signals.raise('stored');
    void socket.close();
    for (const signal of ['resumed', 'restored', 'visible', 'offline', 'online'] as const)
      signals.raise(signal);
    await clock.advance(10 * MINUTE_MS);
    expect([transport.attempts, socket.state, signals.listeners]).toEqual([1, 'closed', 0]);
  });
});

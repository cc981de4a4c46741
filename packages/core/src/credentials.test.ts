/** Tokens that live for less than backoff.resetAfterMs, and servers that refuse whatever they are shown. */
import type { FakeLink } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { bench } from '../test/test-kit.js';
import type { AttemptContext, Options } from './options.js';
import type { FrameData } from './ports.js';

/** What the server does with each connection, in milliseconds since it was opened. */
interface Habits {
  /** When it says a word. Undefined for never. */
  readonly speaksAtMs?: number;
  /** When it closes. */
  readonly closesAtMs: number;
  readonly code?: number;
}

/** A client that has fresh credentials for every attempt, at a server with those habits. */
function against(
  { speaksAtMs, closesAtMs, code = 4401 }: Habits,
  options: Options = {},
  onReceived?: (link: FakeLink, data: FrameData) => void,
) {
  const asked: boolean[] = [];
  const protocols = ({ unauthorized }: AttemptContext): string => {
    asked.push(unauthorized);
    return `token-${asked.length}`;
  };
  const made = bench(
    { protocols, ...options },
    {
      onOpened(link: FakeLink) {
        if (speaksAtMs !== undefined) made.clock.setTimer(speaksAtMs, () => link.deliver('"hi"'));
        made.clock.setTimer(closesAtMs, () => link.closeFromServer(code));
      },
      onReceived,
    },
  );
  void made.socket.connect();
  return { ...made, asked };
}

const MINUTE_MS = 60_000;

describe('credentials that expire', () => {
  it.each([2_100, 20_000, 50_000])(
    'after %i ms are asked for anew, again and again',
    async (livesMs) => {
      const { clock, asked, socket } = against({ speaksAtMs: 0, closesAtMs: livesMs });
      await clock.advance(30 * MINUTE_MS);
      expect(socket.state).not.toBe('failed');
      expect(asked.length).toBeGreaterThan(10);
      expect(asked).toEqual(asked.map((_, index) => index > 0));
    },
  );

  it('are not counted as failures: neither do the waits grow, nor are the attempts used up', async () => {
    const backoff = { jitter: false, maxAttempts: 2 };
    const made = against({ speaksAtMs: 0, closesAtMs: 30_000 }, { backoff });
    await made.clock.advance(10 * MINUTE_MS);
    const waits = made.events.flatMap((event) =>
      event.type === 'reconnecting' ? [event.delay] : [],
    );
    expect(waits.length).toBeGreaterThan(15);
    expect(new Set(waits)).toEqual(new Set([1]));
    expect(made.socket.state).not.toBe('failed');
  });

  it('while there was no connection are asked for anew too', async () => {
    const made = against({ speaksAtMs: 0, closesAtMs: 4_000 });
    await made.clock.advance(8_000);
    expect([made.socket.state, made.asked]).toEqual(['connected', [false, true]]);
    // The second connection stands and was heard of. Now the network goes, and the token expires meanwhile.
    made.transport.refuse(1, { httpStatus: 401 });
    made.link().cut();
    await made.clock.advance(7_000);
    expect(made.asked).toEqual([false, true, false, true]);
    expect(made.socket.state).toBe('connected');
  });
});

describe('credentials that are refused', () => {
  it.each([
    ['at once', { closesAtMs: 0 }],
    ['after a word of why', { speaksAtMs: 0, closesAtMs: 20 }],
    ['after a word, by a slow server', { speaksAtMs: 100, closesAtMs: 1_900 }],
    ['after a long silence', { closesAtMs: 30_000 }],
  ] satisfies [string, Habits][])('%s end after one fresh try', async (_name, habits) => {
    const { clock, asked, socket, events } = against(habits);
    await clock.advance(10 * MINUTE_MS);
    expect(socket.state).toBe('failed');
    expect(asked).toEqual([false, true]);
    expect(events.filter((event) => event.type === 'error' && event.fatal)).toMatchObject([
      { code: 'AUTH_FAILED' },
    ]);
  });

  it('after a while and a word, whatever they are, are asked for ever more rarely', async () => {
    const { clock, asked, socket } = against({ speaksAtMs: 0, closesAtMs: 5_000 });
    await clock.advance(60 * MINUTE_MS);
    expect(socket.state).not.toBe('failed');
    // Up to a minute between them, once it is clear that this goes on.
    expect(asked.length).toBeLessThan(70);
  });

  it.each([
    ['at once', 0, 'failed'],
    ['after a while', 2_500, 'connected'],
  ] as const)('%s in a session, whose welcome is a word', async (_name, closesAtMs, state) => {
    const welcome = { jet: 1, rx: 0, hi: 0, ttl: 900, win: 9 };
    const { clock, asked, socket } = against(
      { closesAtMs: closesAtMs + 30 },
      { replay: { mode: 'session' } },
      (link, hello) => {
        const { jet, sid } = JSON.parse(String(hello)) as { jet?: number; sid?: string };
        if (jet === 1) link.deliver(JSON.stringify({ ...welcome, sid }));
      },
    );
    await clock.advance(9_000);
    expect(socket.state).toBe(state);
    expect(asked.slice(0, 3)).toEqual(state === 'failed' ? [false, true] : [false, true, true]);
  });
});

import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.js';
import { settle } from './settle.js';

/** A clock, and a log of who fired when. */
function logged(): {
  readonly clock: FakeClock;
  readonly log: string[];
  readonly set: (delayMs: number, name: string) => unknown;
} {
  const clock = new FakeClock({ unixMs: 1_000_000 });
  const log: string[] = [];
  const set = (delayMs: number, name: string): unknown =>
    clock.setTimer(delayMs, () =>
      log.push(`${name}@${clock.now()}/${clock.unixNow() - 1_000_000}`),
    );
  return { clock, log, set };
}

describe('FakeClock', () => {
  it('begins at a known time, and stands still', async () => {
    const clock = new FakeClock();
    await settle();
    expect([clock.now(), clock.unixNow(), clock.pendingCount]).toEqual([0, 1_700_000_000_000, 0]);
  });

  it('fires by due time, equal ones in the order they were set, each at its own time', async () => {
    const { clock, log, set } = logged();
    set(20, 'c');
    set(10, 'a');
    set(20, 'd');
    set(10, 'b');
    set(21, 'too late');
    await clock.advance(20);
    expect(log).toEqual(['a@10/10', 'b@10/10', 'c@20/20', 'd@20/20']);
    expect([clock.now(), clock.pendingCount]).toEqual([20, 1]);
  });

  it('moves on to the end when nothing is due', async () => {
    const { clock } = logged();
    await clock.advance(7.5);
    expect([clock.now(), clock.unixNow()]).toEqual([7.5, 1_000_007.5]);
  });

  it('fires a timer once, and a cleared one never', async () => {
    const { clock, log, set } = logged();
    set(1, 'once');
    clock.clearTimer(set(1, 'cleared'));
    clock.clearTimer('never set');
    expect(clock.pendingCount).toBe(1);
    await clock.advance(10);
    await clock.advance(10);
    expect(log).toEqual(['once@1/1']);
    expect(clock.pendingCount).toBe(0);
  });

  it('fires what a timer sets, and not what it clears', async () => {
    const { clock, log, set } = logged();
    const victim = set(10, 'victim');
    clock.setTimer(5, () => {
      clock.clearTimer(victim);
      set(0, 'now');
      set(3, 'later');
      set(6, 'too late');
    });
    await clock.advance(10);
    expect(log).toEqual(['now@5/5', 'later@8/8']);
  });

  it('lets promises run on before the first timer and after each', async () => {
    const { clock, log, set } = logged();
    void Promise.resolve().then(() => set(5, 'set by a promise'));
    set(5, 'a');
    clock.setTimer(6, () => {
      void Promise.resolve()
        .then(() => undefined)
        .then(() => set(0, 'b'));
    });
    set(7, 'c');
    await clock.advance(10);
    expect(log).toEqual(['a@5/5', 'set by a promise@5/5', 'b@6/6', 'c@7/7']);
  });

  it('fires late what was due while it slept', async () => {
    const { clock, log, set } = logged();
    set(10, 'a');
    set(2_000, 'b');
    clock.sleep(1_000);
    expect(log).toEqual([]);
    await clock.advance(0);
    expect(log).toEqual(['a@1000/1000']);
    await clock.advance(1_000);
    expect(log).toEqual(['a@1000/1000', 'b@2000/2000']);
  });

  it.each([
    [{ monotonic: false }, 0, 500],
    [{ wall: false }, 500, 0],
    [{}, 500, 500],
  ])('sleeps with %j', (options, monotonicMs, wallMs) => {
    const { clock } = logged();
    clock.sleep(500, options);
    expect([clock.now(), clock.unixNow() - 1_000_000]).toEqual([monotonicMs, wallMs]);
  });

  it('jumps the wall clock alone, backwards too', async () => {
    const { clock, log, set } = logged();
    set(10, 'a');
    clock.jumpWallClock(-600);
    await clock.advance(10);
    expect(log).toEqual(['a@10/-590']);
  });

  it('rejects with what a timer threw, and goes on from there', async () => {
    const { clock, log, set } = logged();
    clock.setTimer(1, () => {
      throw new Error('thrown by a timer');
    });
    set(2, 'next');
    await expect(clock.advance(5)).rejects.toThrow('thrown by a timer');
    expect(clock.now()).toBe(1);
    await clock.advance(5);
    expect(log).toEqual(['next@2/2']);
  });

  it('gives up on a timer that sets itself again at once', async () => {
    const clock = new FakeClock();
    const again = (): void => void clock.setTimer(0, again);
    again();
    await expect(clock.advance(1)).rejects.toThrow('Cannot advance 1 ms: 100000 timers fired');
  });

  it.each([-1, Number.NaN, Infinity, 2_147_483_648])('refuses a delay of %s', (delayMs) => {
    expect(() => new FakeClock().setTimer(delayMs, () => undefined)).toThrow(RangeError);
  });
});

it.each([-1, Number.NaN, Infinity, undefined])('advance() refuses %s', async (ms) => {
  await expect(new FakeClock().advance(ms as number)).rejects.toThrow(
    `Cannot advance: ${ms} ms is not a number from 0`,
  );
});

describe('settle()', () => {
  it('lets chains of promises end, and fires no timer', async () => {
    const { log, set } = logged();
    set(0, 'timer');
    const inner = async (): Promise<string> => 'done';
    const outer = async (): Promise<string> => inner();
    void Promise.all([outer(), inner()]).then(([done]) => log.push(done));
    await settle();
    expect(log).toEqual(['done']);
  });

  it('is bounded', async () => {
    let turns = 0;
    const again = (): void => {
      turns++;
      if (turns < 1_000) void Promise.resolve().then(again);
    };
    again();
    await settle(10);
    expect(turns).toBeLessThan(20);
  });
});

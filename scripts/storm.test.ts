import { describe, expect, it } from 'vitest';
import { ATTEMPT, dice, type Fleet, GIVEN_UP } from './storm/fleet.ts';
import { figuresOf } from './storm/figures.ts';
import { Machines } from './storm/machines.ts';
import { page } from './storm/page.ts';
import { plot } from './storm/plot.ts';
import { Formula, RIVALS } from './storm/rivals.ts';
import { DEFAULTS, play, type Scene } from './storm/scenes.ts';
import { Server } from './storm/server.ts';
import { storm } from './storm/storm.ts';
import { Wheel } from './storm/wheel.ts';

/** The proportions of the large storm: everybody fits in within 20 s. */
const SMALL = { ...DEFAULTS, clients: 2_000, acceptsPerSecond: 100, backlog: 82, endMs: 300_000 };

const atOnce = play('Back at once', SMALL);
const later = play('Away for 30 s', { ...SMALL, awayMs: 30_000 });

function figures(scene: Scene, name: string) {
  const found = scene.results.find(({ outcome }) => outcome.name === name);
  if (found === undefined) throw new Error(`Nobody is called ${name}`);
  return found.figures;
}

describe('a storm of machines', () => {
  it.each([atOnce, later])(
    'ends with everybody connected, and nobody given up: $title',
    (scene) => {
      const ours = figures(scene, 'JetSocket');
      expect([ours.connected, ours.givenUp]).toEqual([SMALL.clients, 0]);
      expect(ours.allMs).toBeLessThan(120_000);
    },
  );

  it('never has them all at the door together, as those without dice do', () => {
    const { peak } = figures(atOnce, 'JetSocket');
    expect(peak).toBeLessThan(SMALL.clients / 5);
    for (const name of ['partysocket', '@microsoft/signalr']) {
      expect(figures(atOnce, name).peak, name).toBe(SMALL.clients);
    }
    expect(peak).toBeLessThan(figures(atOnce, 'centrifuge').peak);
  });

  it('has lower peaks than every rival at a server that returns after a while', () => {
    const ours = figures(later, 'JetSocket').peakOnReturn;
    for (const { name } of RIVALS) {
      expect(ours, name).toBeLessThan(figures(later, name).peakOnReturn);
    }
  });

  it.each([atOnce, later])('bounds attempts: doubling waits make few of them: $title', (scene) => {
    const ours = figures(scene, 'JetSocket');
    expect(ours.attemptsPerClient).toBeLessThan(8);
    expect(ours.mostAttempts).toBeLessThan(16);
    expect(ours.attempts).toBeLessThan(figures(scene, 'partysocket').attempts);
  });

  it('comes out the same for the same seed, and otherwise for another', () => {
    const run = (seed: number) =>
      storm(new Machines(SMALL.clients, dice(seed)), { ...SMALL, seed });
    expect(run(5)).toEqual(run(5));
    expect(run(5).attempts).not.toEqual(run(6).attempts);
  });

  it('is one with jitter switched off: the dice are what spreads them', () => {
    const options = { backoff: { jitter: false } };
    const outcome = storm(new Machines(SMALL.clients, dice(1), options), SMALL);
    expect(figuresOf(outcome, SMALL).peak).toBe(SMALL.clients);
  });

  it('gives up where the options say so', () => {
    const options = { backoff: { maxAttempts: 1 } };
    const outcome = storm(new Machines(SMALL.clients, dice(1), options), SMALL);
    const { connected, givenUp, mostAttempts } = figuresOf(outcome, SMALL);
    expect([connected + givenUp, mostAttempts]).toEqual([SMALL.clients, 1]);
    expect(givenUp).toBeGreaterThan(0);
  });

  it('abandons an attempt that waits in the queue for longer than connectTimeoutMs', () => {
    const options = { connectTimeoutMs: 200 };
    const machines = new Machines(1_000, dice(1), options);
    const slow = { ...SMALL, clients: 1_000, acceptsPerSecond: 50, backlog: 1_000 };
    const { attempts, connected, allMs } = figuresOf(storm(machines, slow), slow);
    expect(attempts).toBeGreaterThan(1_000);
    expect([connected, allMs === undefined]).toEqual([1_000, false]);
    expect(machines.phaseOf(999)).toBe('connected');
  });
});

describe('the waits of others', () => {
  /** What a client of that kind waits, again and again, on dice that always show the same. */
  function waits(name: string, shown: number, count: number): number[] {
    const rival = RIVALS.find((one) => one.name === name);
    if (rival === undefined) throw new Error(`Nobody is called ${name}`);
    const one: Fleet = new Formula(rival, 1, () => shown);
    return Array.from({ length: count }, (_, retry) => {
      return Math.round(retry === 0 ? one.lost(0, 0) : one.refused(0, 0));
    });
  }

  // prettier-ignore
  it.each([
    ['partysocket', 0.5, [3_000, 3_900, 5_070, 6_591, 8_568, 10_000, 10_000]],
    ['reconnecting-websocket', 0, [1_000, 1_300, 1_690]],
    ['reconnecting-websocket', 0.5, [3_000, 3_900, 5_070, 6_591, 8_568, 10_000]],
    ['socket.io-client', 0.25, [875, 1_750, 3_500, 5_000, 5_000]],
    ['socket.io-client', 0.35, [1_175, 2_350, 4_700, 5_000, 5_000]],
    ['@microsoft/signalr', 0.5, [0, 2_000, 10_000, 30_000, GIVEN_UP]],
    ['centrifuge', 0, [500, 500, 500]],
    ['centrifuge', 0.999_999, [1_000, 1_500, 2_500, 4_500, 8_500, 16_500, 20_000]],
  ])('%s at %f', (name, shown, expected) => {
    expect(waits(name, shown, expected.length)).toEqual(expected);
  });

  it('begin anew after a connection', () => {
    for (const rival of RIVALS) {
      const one = new Formula(rival, 1, () => 0.5);
      const first = one.lost(0);
      one.refused(0);
      expect(one.woken()).toBe(ATTEMPT);
      one.accepted(0);
      expect(one.lost(0), rival.name).toBe(first);
    }
  });
});

describe('Wheel', () => {
  it('gives back by time, and in the order of adding within a millisecond', () => {
    const wheel = new Wheel(5, 100);
    [70, 3, 70, 3, 0.2].forEach((atMs, client) => wheel.add(client, client, atMs));
    const taken: [number, number, number][] = [];
    for (let client = wheel.take(); client !== undefined; client = wheel.take()) {
      taken.push([wheel.nowMs, client, wheel.kindOf(client)]);
    }
    expect(taken).toEqual([
      [1, 4, 4],
      [3, 1, 1],
      [3, 3, 3],
      [70, 0, 0],
      [70, 2, 2],
    ]);
  });

  it('takes what is added for now while now goes on, and nothing at its end or later', () => {
    const wheel = new Wheel(3, 100);
    wheel.add(0, 0, 50);
    expect(wheel.take()).toBe(0);
    wheel.add(1, 0, 20);
    wheel.add(2, 0, 100);
    expect([wheel.take(), wheel.nowMs, wheel.take()]).toEqual([1, 50, undefined]);
  });
});

describe('Server', () => {
  const server = (): Server => new Server({ returnMs: 1_000, acceptsPerSecond: 100, backlog: 2 });

  it('accepts nobody while it is away', () => {
    expect(server().accept(999)).toBeUndefined();
  });

  it('accepts at its pace, lets a few wait, and refuses the others', () => {
    const one = server();
    const at = [1_000, 1_000, 1_000, 1_000, 1_010].map((nowMs) => one.accept(nowMs));
    expect(at).toEqual([1_010, 1_020, 1_030, undefined, 1_040]);
  });
});

describe('the page', () => {
  it('tells every number of every client', () => {
    const text = page([atOnce, later], ['storm.svg', 'storm-30s.svg']);
    for (const { outcome, figures: of } of [...atOnce.results, ...later.results]) {
      const peak = new Intl.NumberFormat('en').format(of.peak);
      expect(text).toContain(`| ${outcome.name} | ${outcome.version} | ${peak} |`);
    }
    expect(text).toContain('![Attempts');
  });

  it('has pictures without a number that is none', () => {
    for (const scene of [atOnce, later]) {
      const picture = plot(scene);
      expect(picture.match(/class="attempts /g)).toHaveLength(scene.results.length);
      expect(picture).not.toMatch(/NaN|Infinity|undefined/);
    }
  });
});

/** The storms that are told of, and who is in them. */
import { dice, type Fleet } from './fleet.ts';
import { type Figures, figuresOf } from './figures.ts';
import { Machines } from './machines.ts';
import { Formula, RIVALS } from './rivals.ts';
import { type Outcome, storm, type StormOptions } from './storm.ts';

export interface Scene {
  readonly title: string;
  readonly options: StormOptions;
  readonly results: readonly Result[];
}

export interface Result {
  readonly outcome: Outcome;
  readonly figures: Figures;
}

/** 4,096 is how many connections Linux lets wait for a server (net.core.somaxconn). */
export const DEFAULTS: StormOptions = {
  clients: 100_000,
  awayMs: 0,
  acceptsPerSecond: 5_000,
  backlog: 4_096,
  endMs: 600_000,
  seed: 1,
};

/** Ours first. A fleet is made only when its turn comes, and let go after it: a million machines are not small. */
export const FLEETS: readonly ((clients: number, random: () => number) => Fleet)[] = [
  (clients, random) => new Machines(clients, random),
  ...RIVALS.map(
    (rival) =>
      (clients: number, random: () => number): Fleet =>
        new Formula(rival, clients, random),
  ),
];

export function play(
  title: string,
  options: StormOptions,
  onResult?: (result: Result) => void,
): Scene {
  const results = FLEETS.map((make) => {
    const outcome = storm(make(options.clients, dice(options.seed + 1)), options);
    const result = { outcome, figures: figuresOf(outcome, options) };
    onResult?.(result);
    return result;
  });
  return { title, options, results };
}

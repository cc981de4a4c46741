/** What is told of an outcome. */
import { BIN_MS, type Outcome, type StormOptions } from './storm.ts';

export interface Figures {
  readonly attempts: number;
  /** The most attempts within 100 ms, ever. */
  readonly peak: number;
  /** The most attempts within 100 ms once the server is back. */
  readonly peakOnReturn: number;
  readonly attemptsPerClient: number;
  readonly mostAttempts: number;
  /** From the server's return until so many of all clients are connected; undefined: not by the end. */
  readonly halfMs: number | undefined;
  readonly mostMs: number | undefined;
  readonly allMs: number | undefined;
  readonly connected: number;
  readonly givenUp: number;
}

export function figuresOf(outcome: Outcome, { clients, awayMs }: StormOptions): Figures {
  const { attempts, accepted, mostAttempts, givenUp } = outcome;
  const total = sum(attempts);
  return {
    attempts: total,
    peak: most(attempts),
    peakOnReturn: most(attempts.subarray(Math.floor(awayMs / BIN_MS))),
    attemptsPerClient: total / clients,
    mostAttempts,
    halfMs: reachedMs(accepted, clients * 0.5, awayMs),
    mostMs: reachedMs(accepted, clients * 0.99, awayMs),
    allMs: reachedMs(accepted, clients, awayMs),
    connected: sum(accepted),
    givenUp,
  };
}

const sum = (bins: Uint32Array): number => bins.reduce((total, count) => total + count, 0);

const most = (bins: Uint32Array): number =>
  bins.reduce((highest, count) => Math.max(highest, count), 0);

function reachedMs(accepted: Uint32Array, wanted: number, fromMs: number): number | undefined {
  let connected = 0;
  const bin = accepted.findIndex((count) => (connected += count) >= wanted);
  return bin === -1 ? undefined : Math.max(0, (bin + 1) * BIN_MS - fromMs);
}

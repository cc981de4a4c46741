/** What a pool refuses. Each error names the option, what it got and what it takes. */
import { inspect } from 'node:util';
import { type AbortSignalLike, type Clock, JetSocketError, systemClock } from '@jetsocket/core';
import type { AcquireOptions, PoolOptions } from './pool.js';

/** The longest a timer can be asked for. */
const MAX_MS = 2_147_483_647;

/** The options with nothing left open. */
export interface PoolConfig {
  readonly max: number;
  readonly idleMs: number;
  readonly acquireTimeoutMs: number;
  readonly clock: Clock;
}

/** @throws {JetSocketError} `INVALID_OPTION`. */
export function resolvePool(options: PoolOptions): PoolConfig {
  takesOnly(options, ['max', 'idleMs', 'acquireTimeoutMs', 'clock']);
  const { max, idleMs, acquireTimeoutMs, clock = systemClock } = options;
  if (!has(clock, ['now', 'setTimer', 'clearTimer'])) throw invalid('clock', clock, 'a Clock');
  return {
    max: integer('max', max, 1, 1_000_000, 10),
    idleMs: integer('idleMs', idleMs, 0, MAX_MS, 30_000),
    acquireTimeoutMs: integer('acquireTimeoutMs', acquireTimeoutMs, 1, MAX_MS, 10_000),
    clock,
  };
}

/** @throws {JetSocketError} `INVALID_OPTION`. */
export function checkAcquire(how: AcquireOptions): AbortSignalLike | undefined {
  takesOnly(how, ['signal']);
  const { signal } = how;
  if (signal === undefined || has(signal, ['addEventListener', 'removeEventListener']))
    return signal;
  throw invalid('signal', signal, 'an AbortSignal');
}

function integer(
  name: string,
  value: number | undefined,
  min: number,
  max: number,
  fallback: number,
): number {
  if (value === undefined) return fallback;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(name, value, `an integer from ${min} to ${max}`);
}

/** A misspelt option would be a silent default. */
function takesOnly(options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalid('options', options, 'an object');
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new JetSocketError(
    'INVALID_OPTION',
    `Cannot use option ${unknown}: there is no such option; there is ${names.join(', ')}`,
    { hint: 'Check its spelling' },
  );
}

const has = (value: object, methods: readonly string[]): boolean =>
  methods.every((name) => typeof Reflect.get(Object(value) as object, name) === 'function');

const invalid = (option: string, got: unknown, takes: string): JetSocketError =>
  new JetSocketError(
    'INVALID_OPTION',
    `Cannot use option ${option}: it got ${inspect(got, BRIEFLY)}, and takes ${takes}`,
  );

const BRIEFLY = { depth: 0, maxStringLength: 80, breakLength: Infinity };

/** From what the caller gave to what we work with: defaults filled in, nonsense refused. */
import type {
  DirectionOptions,
  FaultDirection,
  FaultProxyAddress,
  FaultProxyOptions,
  HangOptions,
  RestoreOptions,
  SlowOptions,
  StallOptions,
  WaitForOptions,
} from './api.js';
import type { Shape } from './pacer.js';
import { seededRandom } from '../seeded-random.js';
import { boolean, callback, integer, invalid, known, number, oneOf, text } from './validate.js';

const HOUR_MS = 3_600_000;
const MIB = 1_048_576;
const LOOPBACK = '127.0.0.1';

/** A test that fails has to fail again, so every proxy draws the same numbers. */
const SEED = 1;

export type Address = { readonly host: string; readonly port: number };

export type Settings = {
  readonly target: Address;
  readonly listen: Address;
  readonly random: () => number;
  readonly maxBufferedBytes: number;
};

export function readOptions(options: FaultProxyOptions): Settings {
  const method = 'createFaultProxy()';
  known(method, 'options', options, ['target', 'listen', 'random', 'maxBufferedBytes']);
  const { listen = {}, random = seededRandom(SEED), maxBufferedBytes = MIB } = options;
  known(method, 'listen', listen, ['host', 'port']);
  const { host = LOOPBACK, port = 0 } = listen;
  return {
    target: readAddress(method, options.target),
    listen: {
      host: text(method, 'listen.host', host),
      port: integer(method, 'listen.port', port, [0, 65_535]),
    },
    random: callback(method, 'random', random),
    maxBufferedBytes: integer(method, 'maxBufferedBytes', maxBufferedBytes, [1, 256 * MIB]),
  };
}

export function readAddress(method: string, target: FaultProxyAddress): Address {
  const { host = LOOPBACK, port } = known(method, 'target', target, ['host', 'port']);
  return {
    host: text(method, 'target.host', host),
    port: integer(method, 'target.port', port, [1, 65_535]),
  };
}

/** For orders of one connection: they have no `newConnections` to speak of. */
export function readDirection(method: string, options: DirectionOptions = {}): Ways {
  return readWays(method, known(method, 'options', options, ['direction']));
}

export function readHang(options: HangOptions = {}): { ways: Ways; newConnections: boolean } {
  known('hang()', 'options', options, ['direction', 'newConnections']);
  const { newConnections = 'hang' } = options;
  oneOf('hang()', 'newConnections', newConnections, ['hang', 'pass']);
  return { ways: readWays('hang()', options), newConnections: newConnections === 'hang' };
}

export function readStall(options: StallOptions = {}): { ways: Ways; newConnections: boolean } {
  known('stall()', 'options', options, ['direction', 'newConnections']);
  const { newConnections = 'stall' } = options;
  oneOf('stall()', 'newConnections', newConnections, ['stall', 'pass']);
  return { ways: readWays('stall()', options), newConnections: newConnections === 'stall' };
}

export function readSlow(options: SlowOptions): { ways: Ways; shape: Shape } {
  known('slow()', 'options', options, ['direction', 'delayMs', 'jitterMs', 'bytesPerSecond']);
  const { delayMs = 0, jitterMs = 0, bytesPerSecond } = options;
  if ([options.delayMs, options.jitterMs, bytesPerSecond].every((one) => one === undefined)) {
    throw invalid('slow()', 'options', 'delayMs, jitterMs or bytesPerSecond', options);
  }
  const shape = {
    delayMs: number('slow()', 'delayMs', delayMs, [0, HOUR_MS]),
    jitterMs: number('slow()', 'jitterMs', jitterMs, [0, HOUR_MS]),
    bytesPerSecond:
      bytesPerSecond === undefined
        ? Infinity
        : number('slow()', 'bytesPerSecond', bytesPerSecond, [1, 1e9]),
  };
  return { ways: readWays('slow()', options), shape };
}

export function readTruncateAfter(byteCount: number, direction: FaultDirection): void {
  integer('truncateAfter()', 'byteCount', byteCount, [0, Number.MAX_SAFE_INTEGER]);
  oneOf('truncateAfter()', 'direction', direction, ['up', 'down']);
}

/** Whether connections that hung are to be reset. */
export function readRestore(options: RestoreOptions = {}): boolean {
  const { hung = 'reset' } = known('restore()', 'options', options, ['hung']);
  return oneOf('restore()', 'hung', hung, ['reset', 'keep']) === 'reset';
}

export function readRefuse(refused: boolean): boolean {
  return boolean('refuse()', 'refused', refused);
}

export function readWaitFor(predicate: () => boolean, options: WaitForOptions = {}): number {
  callback('waitFor()', 'predicate', predicate);
  const { timeoutMs = 3_000 } = known('waitFor()', 'options', options, ['timeoutMs']);
  return number('waitFor()', 'timeoutMs', timeoutMs, [0, HOUR_MS]);
}

/** The directions that an order is for. */
export type Ways = readonly FaultDirection[];

function readWays(method: string, { direction = 'both' }: DirectionOptions): Ways {
  oneOf(method, 'direction', direction, ['up', 'down', 'both']);
  return direction === 'both' ? ['up', 'down'] : [direction];
}

import { describe, expect, it } from 'vitest';
import { json, text } from './codec.js';
import { JetSocketError } from './errors.js';
import { type Config, type Options, type Platform, resolve } from './options.js';
import type { Transport } from './ports.js';
import { closeCode } from './validate.js';

const NODE: Transport = {
  takesHeaders: true,
  open() {
    throw new Error('Nothing is opened here');
  },
};
const BROWSER: Transport = { ...NODE, takesHeaders: false };
const PLATFORM: Platform = {
  transport: () => NODE,
  clock: { now: () => 0, unixNow: () => 0, setTimer: () => 0, clearTimer: () => undefined },
  random: () => 0.5,
  newId: () => 'a name',
  writeUnheard: () => undefined,
};
const MAX_MS = 2_147_483_647;

const resolved = (options: Options, platform: Partial<Platform> = {}): Config<unknown, unknown> =>
  resolve(options, { ...PLATFORM, ...platform });

/** What resolve() throws about options that the compiler would not let pass. */
function refusal(options: unknown, platform: Partial<Platform> = {}): JetSocketError {
  try {
    resolved(options as Options, platform);
  } catch (thrown) {
    if (thrown instanceof JetSocketError) return thrown;
    throw thrown;
  }
  throw new Error('Nothing was thrown');
}

const SCHEMA =
  'a Standard Schema, version 1, as those of zod, valibot and arktype: see standardschema.dev';

const DEFAULTS = {
  protocols: [],
  headers: {},
  reconnect: true,
  backoff: {
    baseMs: 1_000,
    multiplier: 2,
    capMs: 60_000,
    jitter: true,
    maxAttempts: Infinity,
    resetAfterMs: 60_000,
    maxPerMinute: 600,
  },
  canRefresh: false,
  heartbeat: {
    intervalMs: 30_000,
    timeoutMs: 10_000,
    payload: '',
    ping: undefined,
    isPong: undefined,
  },
  buffer: {
    capacity: 1_000,
    maxBytes: 16 * 1024 * 1024,
    overflowPolicy: 'drop_oldest',
    ackOf: undefined,
  },
  replay: { mode: 'full_buffer' },
  replays: true,
  isOrdered: false,
  request: { idOf: undefined, timeoutMs: 30_000, resend: true, maxOpen: 1_000 },
  codec: json,
  schema: undefined,
  invalidPolicy: 'skip',
  codecTimeoutMs: 10_000,
  holdUntilReady: false,
  recordSize: 100,
  connectTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  maxConnectionAgeMs: Infinity,
  maxMessageBytes: 64 * 1024 * 1024,
  logger: undefined,
  transport: NODE,
  signals: undefined,
  unref: false,
  clock: PLATFORM.clock,
  seed: 2 ** 31,
  newId: PLATFORM.newId,
  writeUnheard: PLATFORM.writeUnheard,
};

const OPTIONS = Object.keys(DEFAULTS)
  .filter(
    (key) => !['replays', 'isOrdered', 'canRefresh', 'seed', 'newId', 'writeUnheard'].includes(key),
  )
  .concat('random');

const undefinedInAll = (keys: readonly string[]): Record<string, undefined> =>
  Object.fromEntries(keys.map((key) => [key, undefined]));

describe('resolve() defaults', () => {
  // prettier-ignore
  it.each<readonly [name: string, options: Options]>([
    ['without options', {}],
    ['with empty groups', { backoff: {}, heartbeat: {}, buffer: {}, replay: {} }],
    ['with every option undefined', undefinedInAll(OPTIONS)],
    ['with every option of a group undefined',
      { backoff: undefinedInAll(Object.keys(DEFAULTS.backoff)), heartbeat: undefinedInAll(Object.keys(DEFAULTS.heartbeat)),
      buffer: undefinedInAll(Object.keys(DEFAULTS.buffer)), replay: { mode: undefined } }],
    ['with an unknown option undefined', { misspelt: undefined } as Options],
  ])('are complete %s', (_name, options) => {
    expect(resolved(options)).toEqual(DEFAULTS);
  });
});

const fn = (): never => {
  throw new Error('Not to be called');
};
const logger = { error: fn };

describe('resolve()', () => {
  // prettier-ignore
  it.each<readonly [options: Options, config: object]>([
    [{ protocols: 'v1' }, { protocols: ['v1'] }],
    [{ protocols: ['v2', 'v1'] }, { protocols: ['v2', 'v1'] }],
    [{ protocols: [] }, { protocols: [] }],
    [{ protocols: "!#$%&'*+-.^_`|~9aZ" }, { protocols: ["!#$%&'*+-.^_`|~9aZ"] }],
    [{ protocols: fn }, { protocols: fn, canRefresh: true }],
    [{ headers: { Authorization: 'Bearer x' } }, { headers: { Authorization: 'Bearer x' } }],
    [{ headers: fn }, { headers: fn, canRefresh: true }],
    [{ reconnect: false }, { reconnect: false }],
    [{ reconnect: fn }, { reconnect: fn }],
    [{ backoff: { baseMs: 0, multiplier: 1, capMs: 0, jitter: false, maxAttempts: 0, resetAfterMs: 0, maxPerMinute: 1 } },
      { backoff: { baseMs: 0, multiplier: 1, capMs: 0, jitter: false, maxAttempts: 0, resetAfterMs: 0, maxPerMinute: 1 } }],
    [{ backoff: { baseMs: MAX_MS, multiplier: 100, capMs: MAX_MS, maxAttempts: 3, resetAfterMs: MAX_MS, maxPerMinute: Infinity } },
      { backoff: { baseMs: MAX_MS, multiplier: 100, capMs: MAX_MS, jitter: true, maxAttempts: 3, resetAfterMs: MAX_MS,
        maxPerMinute: Infinity } }],
    [{ backoff: { baseMs: 90_000 } }, { backoff: { ...DEFAULTS.backoff, baseMs: 90_000, capMs: 90_000 } }],
    [{ backoff: { baseMs: 90_000, capMs: 5 } }, { backoff: { ...DEFAULTS.backoff, baseMs: 90_000, capMs: 5 } }],
    [{ backoff: { multiplier: 1.5 } }, { backoff: { ...DEFAULTS.backoff, multiplier: 1.5 } }],
    [{ heartbeat: false }, { heartbeat: null }],
    [{ heartbeat: { intervalMs: 1, timeoutMs: 1, payload: 'p', ping: fn, isPong: fn } },
      { heartbeat: { intervalMs: 1, timeoutMs: 1, payload: 'p', ping: fn, isPong: fn } }],
    [{ heartbeat: { intervalMs: MAX_MS, timeoutMs: MAX_MS } },
      { heartbeat: { ...DEFAULTS.heartbeat, intervalMs: MAX_MS, timeoutMs: MAX_MS } }],
    [{ heartbeat: { payload: 'ä'.repeat(62) } }, { heartbeat: { ...DEFAULTS.heartbeat, payload: 'ä'.repeat(62) } }],
    [{ buffer: { capacity: 1, maxBytes: 1, overflowPolicy: 'error', ackOf: fn } },
      { buffer: { capacity: 1, maxBytes: 1, overflowPolicy: 'error', ackOf: fn } }],
    [{ buffer: { capacity: Infinity, maxBytes: Infinity, overflowPolicy: 'drop_newest' } },
      { buffer: { capacity: Infinity, maxBytes: Infinity, overflowPolicy: 'drop_newest', ackOf: undefined } }],
    [{ replay: { mode: 'none' } }, { replay: { mode: 'none' }, replays: false }],
    [{ replay: { mode: 'full_buffer' } }, { replay: { mode: 'full_buffer' }, replays: true }],
    [{ codec: text }, { codec: text }],
    [{ connectTimeoutMs: 1, closeTimeoutMs: 1, maxConnectionAgeMs: 1, maxMessageBytes: 1 },
      { connectTimeoutMs: 1, closeTimeoutMs: 1, maxConnectionAgeMs: 1, maxMessageBytes: 1 }],
    [{ connectTimeoutMs: MAX_MS, closeTimeoutMs: MAX_MS, maxConnectionAgeMs: MAX_MS, maxMessageBytes: Number.MAX_SAFE_INTEGER },
      { connectTimeoutMs: MAX_MS, closeTimeoutMs: MAX_MS, maxConnectionAgeMs: MAX_MS, maxMessageBytes: Number.MAX_SAFE_INTEGER }],
    [{ logger }, { logger }],
    [{ transport: BROWSER }, { transport: BROWSER }],
    [{ signals: false }, { signals: undefined }],
    [{ unref: true }, { unref: true }],
    [{ random: 7 }, { seed: 7 }],
    [{ random: 0 }, { seed: 0 }],
    [{ random: () => 0.25 }, { seed: 2 ** 30 }],
    [{ random: () => 0.9999999999 }, { seed: 2 ** 32 - 1 }],
  ])('takes %j (%#)', (options, config) => {
    expect(resolved(options)).toEqual({ ...DEFAULTS, ...config });
  });

  it('takes a clock, and a class for a transport', () => {
    const clock = { ...PLATFORM.clock };
    const transport = Object.assign(() => undefined, BROWSER);
    const config = resolved({ clock, transport });
    expect([config.clock === clock, config.transport === transport]).toEqual([true, true]);
  });

  it('draws the seed once', () => {
    let draws = 0;
    resolved({ random: () => ++draws / 10 });
    expect(draws).toBe(1);
  });
});

const INTEGER_MS = `an integer from 1 to ${MAX_MS}`;
const FROM_0_MS = `an integer from 0 to ${MAX_MS}`;
const TOKENS = 'a name or an array of different names';
const CLOCK = 'an object with now(), unixNow(), setTimer(), clearTimer()';

/** What is given, the option that is named, what it got, and what it takes. */
type Wrong = readonly [options: unknown, option: string, got: string, takes: string];

// prettier-ignore
const wrongs: readonly Wrong[] = [
  [null, 'options', 'null', 'an object'],
  ['fast', 'options', "'fast'", 'an object'],
  [[], 'options', 'an array of 0', 'an object'],
  [fn, 'options', 'a function', 'an object'],
  [{ protocols: null }, 'protocols', 'null', TOKENS],
  [{ protocols: 5 }, 'protocols', '5', TOKENS],
  [{ protocols: '' }, 'protocols', 'a string of 0', TOKENS],
  [{ protocols: 'a b' }, 'protocols', 'a string of 3', TOKENS],
  [{ protocols: ['a', 'a'] }, 'protocols', 'an array of 2', TOKENS],
  [{ protocols: ['a', 5] }, 'protocols', 'an array of 2', TOKENS],
  [{ protocols: ['a,b'] }, 'protocols', 'an array of 1', TOKENS],
  [{ protocols: ['ä'] }, 'protocols', 'an array of 1', TOKENS],
  [{ protocols: ['a\n'] }, 'protocols', 'an array of 1', TOKENS],
  [{ backoff: null }, 'backoff', 'null', 'an object'],
  [{ heartbeat: null }, 'heartbeat', 'null', 'an object, or false'],
  [{ buffer: null }, 'buffer', 'null', 'an object'],
  [{ replay: null }, 'replay', 'null', 'an object'],
  [{ request: { idOf: 'id' } }, 'request.idOf', "'id'", 'a function'],
  [{ request: { timeoutMs: 0 } }, 'request.timeoutMs', '0', 'an integer from 1'],
  [{ request: { resend: 'yes' } }, 'request.resend', "'yes'", 'true or false'],
  [{ request: { maxOpen: 0 } }, 'request.maxOpen', '0', 'an integer from 1'],
  [{ random: () => 5 }, 'random', '5', 'a finite number, or a function that returns one in [0, 1)'],
  [{ random: () => { throw new Error('dice'); } }, 'random', 'an object', 'a finite number'],
  [{ logger: false }, 'logger', 'false', 'an object with error()'],
  [{ logger: null }, 'logger', 'null', 'an object with error()'],
  [{ headers: null }, 'headers', 'null', 'an object of strings'],
  [{ headers: 5 }, 'headers', '5', 'an object of strings'],
  [{ headers: [['a', 'b']] }, 'headers', 'an array of 1', 'an object of strings'],
  [{ headers: { 'a b': 'x' } }, 'headers', 'a string of 3', 'names made of letters, digits and !#'],
  [{ headers: { '': 'x' } }, 'headers', 'a string of 0', 'names made of letters, digits and !#'],
  [{ headers: { 'X-A': 5 } }, 'headers.X-A', '5', 'a string of Latin-1 characters'],
  [{ headers: { 'X-A': 'x\r' } }, 'headers.X-A', 'a string of 2', 'a string of Latin-1 characters'],
  [{ headers: { 'X-A': 'x\n' } }, 'headers.X-A', 'a string of 2', 'a string of Latin-1 characters'],
  [{ headers: { 'X-A': 'Zoë ✓' } }, 'headers.X-A', 'a string of 5', 'a string of Latin-1 characters'],
  [{ headers: { 'X-A': 'x\0' } }, 'headers.X-A', 'a string of 2', 'a string of Latin-1 characters'],
  [{ reconnect: 1 }, 'reconnect', '1', 'true, false or a function'],
  [{ reconnect: null }, 'reconnect', 'null', 'true, false or a function'],
  [{ reconnect: { delayMs: 5 } }, 'reconnect', 'an object', 'true, false or a function'],
  [{ backoff: 5 }, 'backoff', '5', 'an object'],
  [{ backoff: [] }, 'backoff', 'an array of 0', 'an object'],
  [{ backoff: { baseMs: -1 } }, 'backoff.baseMs', '-1', FROM_0_MS],
  [{ backoff: { baseMs: 0.5 } }, 'backoff.baseMs', '0.5', FROM_0_MS],
  [{ backoff: { baseMs: '1000' } }, 'backoff.baseMs', "'1000'", FROM_0_MS],
  [{ backoff: { baseMs: MAX_MS + 1 } }, 'backoff.baseMs', `${MAX_MS + 1}`, FROM_0_MS],
  [{ backoff: { multiplier: 0.9 } }, 'backoff.multiplier', '0.9', 'a number from 1 to 100'],
  [{ backoff: { multiplier: 101 } }, 'backoff.multiplier', '101', 'a number from 1 to 100'],
  [{ backoff: { multiplier: NaN } }, 'backoff.multiplier', 'NaN', 'a number from 1 to 100'],
  [{ backoff: { multiplier: '2' } }, 'backoff.multiplier', "'2'", 'a number from 1 to 100'],
  [{ backoff: { capMs: Infinity } }, 'backoff.capMs', 'Infinity', FROM_0_MS],
  [{ backoff: { jitter: 1 } }, 'backoff.jitter', '1', 'true or false'],
  [{ backoff: { maxAttempts: -1 } }, 'backoff.maxAttempts', '-1', 'an integer from 0, or Infinity'],
  [{ backoff: { maxAttempts: 1.5 } }, 'backoff.maxAttempts', '1.5', 'an integer from 0, or Infinity'],
  [{ backoff: { maxAttempts: -Infinity } }, 'backoff.maxAttempts', '-Infinity', 'an integer from 0, or Infinity'],
  [{ backoff: { maxAttempts: '3' } }, 'backoff.maxAttempts', "'3'", 'an integer from 0, or Infinity'],
  [{ backoff: { resetAfterMs: NaN } }, 'backoff.resetAfterMs', 'NaN', FROM_0_MS],
  [{ backoff: { maxPerMinute: 0 } }, 'backoff.maxPerMinute', '0', 'an integer from 1, or Infinity'],
  [{ heartbeat: true }, 'heartbeat', 'true', 'an object, or false'],
  [{ heartbeat: 30_000 }, 'heartbeat', '30000', 'an object, or false'],
  [{ heartbeat: { intervalMs: 0 } }, 'heartbeat.intervalMs', '0', INTEGER_MS],
  [{ heartbeat: { timeoutMs: 0 } }, 'heartbeat.timeoutMs', '0', INTEGER_MS],
  [{ heartbeat: { timeoutMs: MAX_MS + 1 } }, 'heartbeat.timeoutMs', `${MAX_MS + 1}`, INTEGER_MS],
  [{ heartbeat: { payload: 5 } }, 'heartbeat.payload', '5', 'a string of up to 125 bytes'],
  [{ heartbeat: { payload: 'ä'.repeat(63) } }, 'heartbeat.payload', "'ää", 'a string of up to 125 bytes'],
  [{ heartbeat: { ping: 'ping' } }, 'heartbeat.ping', "'ping'", 'a function'],
  [{ heartbeat: { isPong: {} } }, 'heartbeat.isPong', 'an object', 'a function'],
  [{ buffer: 1_000 }, 'buffer', '1000', 'an object'],
  [{ buffer: { capacity: 0 } }, 'buffer.capacity', '0', 'an integer from 1, or Infinity'],
  [{ buffer: { capacity: 2 ** 53 } }, 'buffer.capacity', `${2 ** 53}`, 'an integer from 1, or Infinity'],
  [{ buffer: { maxBytes: 0 } }, 'buffer.maxBytes', '0', 'an integer from 1, or Infinity'],
  [{ buffer: { maxBytes: '16 MiB' } }, 'buffer.maxBytes', "'16 MiB'", 'an integer from 1, or Infinity'],
  [{ buffer: { overflowPolicy: 'block' } }, 'buffer.overflowPolicy', "'block'", "'drop_oldest' or 'drop_newest' or 'error'"],
  [{ buffer: { ackOf: 'ack' } }, 'buffer.ackOf', "'ack'", 'a function'],
  [{ buffer: { ackOf: fn }, replay: { mode: 'none' } }, 'buffer.ackOf', 'a function', 'nothing in replay.mode none'],
  [{ buffer: { ackOf: fn }, replay: { mode: 'session' } }, 'buffer.ackOf', 'a function', 'nothing in replay.mode session'],
  [{ replay: 'none' }, 'replay', "'none'", 'an object'],
  [{ replay: { mode: 'all' } }, 'replay.mode', "'all'", "'none' or 'full_buffer' or 'sequence_id' or 'session'"],
  [{ replay: { mode: null } }, 'replay.mode', 'null', "'none' or 'full_buffer' or 'sequence_id' or 'session'"],
  [{ schema: null }, 'schema', 'null', SCHEMA],
  [{ schema: { '~standard': { version: 2, validate: fn } } }, 'schema', 'an object', SCHEMA],
  [{ schema: { '~standard': { version: 1 } } }, 'schema', 'an object', SCHEMA],
  [{ schema: fn }, 'schema', 'a function', SCHEMA],
  [{ invalidPolicy: 'throw' }, 'invalidPolicy', "'throw'", "'skip' or 'close'"],
  [{ codecTimeoutMs: 0 }, 'codecTimeoutMs', '0', 'an integer from 1 to 2147483647'],
  [{ holdUntilReady: 1 }, 'holdUntilReady', '1', 'true or false'],
  [{ recordSize: 10_001 }, 'recordSize', '10001', 'an integer from 0 to 10000'],
  [{ codec: 'json' }, 'codec', "'json'", 'an object with encode(), decode()'],
  [{ codec: { encode: fn } }, 'codec', 'an object', 'an object with encode(), decode()'],
  [{ codec: { decode: fn } }, 'codec', 'an object', 'an object with encode(), decode()'],
  [{ connectTimeoutMs: 0 }, 'connectTimeoutMs', '0', INTEGER_MS],
  [{ connectTimeoutMs: null }, 'connectTimeoutMs', 'null', INTEGER_MS],
  [{ connectTimeoutMs: 10n }, 'connectTimeoutMs', '10n', INTEGER_MS],
  [{ closeTimeoutMs: 0 }, 'closeTimeoutMs', '0', INTEGER_MS],
  [{ maxConnectionAgeMs: 0 }, 'maxConnectionAgeMs', '0', INTEGER_MS],
  [{ maxConnectionAgeMs: Infinity }, 'maxConnectionAgeMs', 'Infinity', INTEGER_MS],
  [{ maxMessageBytes: 0 }, 'maxMessageBytes', '0', `an integer from 1 to ${Number.MAX_SAFE_INTEGER}`],
  [{ maxMessageBytes: 2 ** 53 }, 'maxMessageBytes', `${2 ** 53}`, `an integer from 1 to ${Number.MAX_SAFE_INTEGER}`],
  [{ logger: true }, 'logger', 'true', 'an object with error()'],
  [{ logger: { warn: fn } }, 'logger', 'an object', 'an object with error()'],
  [{ transport: 'ws' }, 'transport', "'ws'", 'an object with open()'],
  [{ transport: {} }, 'transport', 'an object', 'an object with open()'],
  [{ clock: 5 }, 'clock', '5', CLOCK],
  [{ clock: { ...PLATFORM.clock, unixNow: 5 } }, 'clock', 'an object', CLOCK],
  [{ random: NaN }, 'random', 'NaN', 'a finite number'],
  [{ random: 'dice' }, 'random', "'dice'", 'a finite number'],
  [{ random: () => Infinity }, 'random', 'Infinity', 'a finite number'],
  [{ random: () => 'x' }, 'random', "'x'", 'a finite number'],
];

describe('resolve() refuses', () => {
  it.each(wrongs.map(([given, option, got, takes]) => [option, got, takes, given] as const))(
    '%s: it got %s, and takes %s (%#)',
    (option, got, takes, given) => {
      const { code, message } = refusal(given);
      expect(code).toBe('INVALID_OPTION');
      expect(message.startsWith(`Cannot use option ${option}: it got ${got}`)).toBe(true);
      expect(message).toContain(`, and takes ${takes}`);
    },
  );

  // prettier-ignore
  it.each<readonly [options: unknown, option: string, known: string]>([
    [{ recconect: true }, 'recconect',
      'options takes protocols, headers, reconnect, backoff, heartbeat, buffer, replay, request, codec, schema'],
    [{ backoff: { maxMs: 5 } }, 'backoff.maxMs',
      'backoff takes baseMs, multiplier, capMs, jitter, maxAttempts, resetAfterMs, maxPerMinute'],
    [{ heartbeat: { interval: 5 } }, 'heartbeat.interval', 'heartbeat takes intervalMs, timeoutMs, payload, ping, isPong'],
    [{ buffer: { size: null } }, 'buffer.size', 'buffer takes capacity, maxBytes, overflowPolicy, ackOf'],
    [{ replay: { kind: 'none' } }, 'replay.kind', 'replay takes mode'],
  ])('an option that it does not know: %j', (options, option, known) => {
    const { code, message, hint } = refusal(options);
    expect(code).toBe('INVALID_OPTION');
    expect(message).toContain(`Cannot use option ${option}: there is no such option; ${known}`);
    expect(hint).toBe('Check its spelling');
  });

  it('what only another platform knows', () => {
    expect(refusal({ tls: {} }).message).toContain('tls: there is no such option');
    expect(resolved({ tls: {} } as Options, { options: ['tls'] }).transport).toBe(NODE);
    expect(refusal({ tsl: {} }, { options: ['tls'] }).message).toMatch(/random, tls$/);
  });

  it.each([
    [['chat'], 'Subprotocols are an option: { protocols: … }'],
    ['chat', 'Subprotocols are an option: { protocols: … }'],
    [5, undefined],
    [{ tls: {} }, 'It is one of @jetsocket/node'],
    [{ agent: {} }, 'It is one of @jetsocket/node'],
    [{ compression: true }, 'It is one of @jetsocket/node'],
    [{ signal: {} }, 'Give it to connect() of the socket'],
    [{ backoff: { signal: {} } }, 'Check its spelling'],
    [{ agents: {} }, 'Check its spelling'],
    [{ buffer: ['chat'] }, undefined],
  ])('%j with a hint: %s', (options, hint) => {
    expect(refusal(options).hint).toBe(hint);
  });

  it('to be without a transport', () => {
    const { message } = refusal({}, { transport: undefined });
    expect(message).toBe(
      'Cannot use option transport: it got undefined, and takes an object with open()',
    );
  });

  it.each([
    ['Headers', new Headers({ authorization: 'secret' })],
    ['Map', new Map([['authorization', 'secret']])],
    ['pairs', [['authorization', 'secret']]],
  ])('headers that would send nothing: %s', (_, headers) => {
    const { message, hint } = refusal({ headers });
    expect(message).toContain('Cannot use option headers: it got an ');
    expect(hint).toBe('Of a Headers or a Map make one by Object.fromEntries()');
  });

  it.each([[{ Cookie: 'a=b' }], [{}], [fn]])('headers in a browser, with a hint: %j', (headers) => {
    const { message, hint } = refusal({ headers }, { transport: () => BROWSER });
    expect(message).toContain('Cannot use option headers');
    expect(message).toContain('this platform cannot set handshake headers');
    expect(hint).toContain('short-lived token into the URL or a subprotocol');
  });

  it.each([
    [{ Authorization: 'Bearer secret\n' }, NODE],
    [{ Authorization: ['secret'] }, NODE],
    [{ Authorization: 'Bearer secret' }, BROWSER],
    ['Bearer secret', NODE],
    ['Bearer secret', BROWSER],
  ])('headers without showing them: %j', (headers, transport) => {
    const { message, hint } = refusal({ headers, transport });
    expect(`${message} ${hint}`).not.toContain('secret');
  });

  it('an option without showing all of a long value', () => {
    expect(refusal({ codec: 'x'.repeat(1_000) }).message.length).toBeLessThan(200);
  });
});

describe('closeCode()', () => {
  it.each([
    [undefined, 1000],
    [1000, 1000],
    [3000, 3000],
    [4999, 4999],
  ])('takes %s as %i', (given, code) => {
    expect(closeCode(given)).toBe(code);
  });

  it.each([0, 999, 1001, 1006, 2999, 5000, 3000.5, NaN, '1000', null])('refuses %s', (given) => {
    expect(() => closeCode(given)).toThrow('and takes 1000, or an integer from 3000 to 4999');
    expect(() => closeCode(given)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});

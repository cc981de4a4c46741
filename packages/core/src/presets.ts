import type { OverflowPolicy } from './events.js';

/** Options for one kind of application, as plain data: spread them, and override what does not fit. */
export interface Preset {
  /** See `Options.backoff`. */
  readonly backoff: {
    /** The ceiling of the first wait. */
    readonly baseMs: number;
    /** What each further ceiling is multiplied by. */
    readonly multiplier: number;
    /** No ceiling is higher. */
    readonly capMs: number;
    /** How long a connection must last before retries are counted from 0 again. */
    readonly resetAfterMs: number;
  };
  /** See `Options.heartbeat`. */
  readonly heartbeat: false | { readonly intervalMs: number; readonly timeoutMs: number };
  /** See `Options.buffer`. */
  readonly buffer: {
    /** How many messages are kept. */
    readonly capacity: number;
    /** How many bytes are kept. */
    readonly maxBytes: number;
    /** Which message goes when there is no room. */
    readonly overflowPolicy: OverflowPolicy;
  };
  /** See `Options.replay`. */
  readonly replay: { readonly mode: 'none' | 'full_buffer' };
  /** See `Options.request`. */
  readonly request: { readonly resend: boolean };
  /** How long an attempt may take. */
  readonly connectTimeoutMs: number;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Orders and prices. An order that waited through an outage would meet another market, and one sent twice is done
 * twice: nothing is kept, `send()` throws `NOT_CONNECTED`, and a request that was sent rejects with
 * `CONNECTION_LOST`. A dead line is known within 8 s, and left within 5 s more at the latest.
 */
export const trading: Preset = freeze({
  // A price feed is worth a try every few seconds, even when all clients of an exchange do so.
  backoff: { baseMs: 250, multiplier: 2, capMs: 5_000, resetAfterMs: 30_000 },
  heartbeat: { intervalMs: 5_000, timeoutMs: 3_000 },
  // Only a full socket makes a message wait; an order that cannot go soon is refused, not dropped.
  buffer: { capacity: 100, maxBytes: MEBIBYTE, overflowPolicy: 'error' },
  replay: { mode: 'none' },
  request: { resend: false },
  connectTimeoutMs: 5_000,
});

/**
 * A conversation with a language model: few messages out, which may be long and must not get lost; tokens in, and
 * long silences while it thinks, which proxies take for the end: they cut after 30 to 60 s, so something is said every 15.
 */
export const llmStream: Preset = freeze({
  // A person is waiting: begin again soon, and do not make them wait for long.
  backoff: { baseMs: 500, multiplier: 2, capMs: 10_000, resetAfterMs: 30_000 },
  heartbeat: { intervalMs: 15_000, timeoutMs: 10_000 },
  // Prompts with attachments: few of them, and large. When there is no room, the person has to know.
  buffer: { capacity: 64, maxBytes: 64 * MEBIBYTE, overflowPolicy: 'error' },
  replay: { mode: 'full_buffer' },
  request: { resend: true },
  // Backends that start with the first request take a while.
  connectTimeoutMs: 20_000,
});

/**
 * A page that shows how things are, on many screens, for days. Nobody dies of a minute: a server that comes back is not
 * overrun, and what was said too long ago is dropped for what is newer.
 */
export const dashboard: Preset = freeze({
  backoff: { baseMs: 2_000, multiplier: 2, capMs: 60_000, resetAfterMs: 60_000 },
  heartbeat: { intervalMs: 30_000, timeoutMs: 15_000 },
  buffer: { capacity: 200, maxBytes: 4 * MEBIBYTE, overflowPolicy: 'drop_oldest' },
  replay: { mode: 'full_buffer' },
  request: { resend: true },
  connectTimeoutMs: 15_000,
});

/** The nearest to a plain WebSocket that comes back: no heartbeat, nothing kept. */
export const minimal: Preset = freeze({
  backoff: { baseMs: 1_000, multiplier: 2, capMs: 60_000, resetAfterMs: 60_000 },
  heartbeat: false,
  // What a full socket makes wait; the default.
  buffer: { capacity: 1_000, maxBytes: 16 * MEBIBYTE, overflowPolicy: 'drop_oldest' },
  replay: { mode: 'none' },
  request: { resend: true },
  connectTimeoutMs: 10_000,
});

/** All presets, by name. */
export const presets: {
  readonly trading: Preset;
  readonly llmStream: Preset;
  readonly dashboard: Preset;
  readonly minimal: Preset;
} = Object.freeze({ trading, llmStream, dashboard, minimal });

function freeze(preset: Preset): Preset {
  for (const group of Object.values(preset)) Object.freeze(group);
  return Object.freeze(preset);
}

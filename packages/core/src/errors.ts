import type { Delivery } from './delivery/delivery.js';
import type { SchemaIssue } from './standard-schema.js';

/**
 * Stable names of everything that can go wrong. Branch on these, never on a message's text.
 *
 * Misuse, thrown at once: `INVALID_OPTION`, `NOT_CONNECTED`, `CLOSED`, `BUFFER_OVERFLOW`,
 * `NOT_SERIALIZABLE`, `MESSAGE_TOO_LARGE`, `REQUEST_ID_TAKEN`, `TOO_MANY_REQUESTS`.
 *
 * What a request rejects with: `REQUEST_TIMEOUT`, `REQUEST_DROPPED`, `CONNECTION_LOST`, `ABORTED`, `CLOSED`.
 *
 * The world's faults, told as `error` events: `CONNECT_FAILED`, `CONNECT_TIMEOUT`,
 * `PROVIDER_FAILED`, `CONNECTION_LOST`, `PONG_TIMEOUT`, `REJECTED`, `AUTH_FAILED`, `CLOSED_BY_SERVER`,
 * `UNDECODABLE`, `INVALID_MESSAGE`, `MESSAGE_TOO_LARGE`, `INVALID_ACK`, `HANDLER_FAILED`, `HOOK_FAILED`, `ABORTED`; with a
 * codec that returns promises, `NOT_SERIALIZABLE` too; of replay mode
 * `sequence_id`: `INVALID_SEQUENCE_ID`, `SEQUENCE_REGRESSED`, `REPLAY_TIMEOUT`; of `session`: `SESSION_LOST`, `SESSION_FENCED`,
 * `SESSION_UNSUPPORTED`, `DELIVERY_UNKNOWN`, `PROTOCOL_ERROR`. Of the server's end of it: `LOG_FAILED`, `HANDLER_TIMEOUT`.
 */
export type ErrorCode =
  | 'INVALID_OPTION'
  | 'NOT_CONNECTED'
  | 'CLOSED'
  | 'BUFFER_OVERFLOW'
  | 'NOT_SERIALIZABLE'
  | 'MESSAGE_TOO_LARGE'
  | 'CONNECT_FAILED'
  | 'CONNECT_TIMEOUT'
  | 'PROVIDER_FAILED'
  | 'CONNECTION_LOST'
  | 'PONG_TIMEOUT'
  | 'REJECTED'
  | 'AUTH_FAILED'
  | 'CLOSED_BY_SERVER'
  | 'UNDECODABLE'
  | 'INVALID_MESSAGE'
  | 'INVALID_ACK'
  | 'HANDLER_FAILED'
  | 'HOOK_FAILED'
  | 'ABORTED'
  | 'INVALID_SEQUENCE_ID'
  | 'SEQUENCE_REGRESSED'
  | 'REPLAY_TIMEOUT'
  | 'SESSION_LOST'
  | 'SESSION_FENCED'
  | 'SESSION_UNSUPPORTED'
  | 'DELIVERY_UNKNOWN'
  | 'PROTOCOL_ERROR'
  | 'LOG_FAILED'
  | 'HANDLER_TIMEOUT'
  | 'REQUEST_ID_TAKEN'
  | 'TOO_MANY_REQUESTS'
  | 'REQUEST_TIMEOUT'
  | 'REQUEST_DROPPED'
  | 'POOL_TIMEOUT';

/** What an error may carry besides its code and message. */
export interface ErrorDetails {
  /** What the caller can do about it, as a sentence without a full stop. */
  readonly hint?: string | undefined;
  /** The error underneath, as it was caught. */
  readonly cause?: unknown;
  /** The messages that it is about. */
  readonly deliveries?: readonly Delivery[] | undefined;
  /** What a schema has against the message. */
  readonly issues?: readonly SchemaIssue[] | undefined;
  /** The message, as it was decoded. */
  readonly data?: unknown;
}

/**
 * Every error that JetSocket throws, rejects with or reports.
 *
 * `message` says what went wrong ("Cannot send: the socket is closed"); `hint`, when there is one,
 * what to do; `cause` is the error underneath. What it has of messages is not enumerable, so that it does not get into
 * a log by chance: `deliveries`, `issues` and `data`.
 */
export class JetSocketError extends Error {
  /** Always `JetSocketError`. */
  override readonly name = 'JetSocketError';
  /** What happened, for programs: each code has its heading in docs/errors.md. Never changes its meaning. */
  readonly code: ErrorCode;
  /** What to do about it, for people, where there is something to do. */
  readonly hint: string | undefined;
  /**
   * The sent messages that it is about, as `DELIVERY_UNKNOWN` and `NOT_SERIALIZABLE` name them; those that may arrive
   * twice, with `SESSION_LOST`; else empty.
   */
  declare readonly deliveries: readonly Delivery[];
  /** What the schema has against a message, when the code is `INVALID_MESSAGE`; empty when the schema itself failed. */
  declare readonly issues: readonly SchemaIssue[];
  /** The message that it is about, when the code is `INVALID_MESSAGE`: decoded, not validated. */
  declare readonly data: unknown;

  /** `details` are the other fields, and the error underneath as `cause`. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    const { deliveries = [], issues = [], data } = details;
    Object.defineProperties(this, {
      deliveries: { value: deliveries },
      issues: { value: issues },
      data: { value: data },
    });
  }
}

/**
 * What was thrown, as an `Error` with a text: people throw strings, numbers and nothing at all, and proxies
 * throw while they are looked at. Never throws itself.
 */
export function asError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error && typeof thrown.message === 'string') return thrown;
  } catch {
    // It cannot be looked at.
  }
  return new Error(describe(thrown));
}

/** A value as it may stand in a message: its kind and its beginning, never more than 80 characters. Never throws. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${shorten(value)}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return shorten(`${value}n`);
  if (typeof value !== 'object' || value === null) return shorten(String(value));
  try {
    return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
  } catch {
    return 'an object';
  }
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

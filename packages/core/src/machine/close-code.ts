import type { End } from './input.js';

/**
 * Whether another attempt may help after this end. The user's `reconnect` option is asked first.
 *
 * Close codes are those of RFC 6455 §7.4 and the IANA registry; 4400 to 4499 are read like the
 * HTTP statuses 400 to 499, as many services do.
 */
export function isRetried(end: End): boolean {
  if (end.hopeless) return false;
  if (end.httpStatus !== undefined) return isStatusRetried(end.httpStatus);
  // We ended it because one message was too large. The next ones may not be.
  if (end.cause === 'message_too_large') return true;
  // The session's own ends: their codes are ours, said to the server.
  if (isOfSession(end)) return true;
  return isCodeRetried(end.code);
}

/** Whether the server refused our credentials: with the HTTP status 401, or 4401 as the close code of the same meaning. */
export const isUnauthorized = ({ httpStatus, code }: End): boolean =>
  httpStatus === 401 || (httpStatus === undefined && code === 4401);

/**
 * How long the server asks us to stay away, from `Retry-After` or from `retry-after=SECONDS`
 * anywhere in a close reason, in milliseconds; undefined when it does not say, or nothing that makes sense.
 */
export function retryHint(end: End): number | undefined {
  // A transport of the user's may say anything, `NaN` too.
  if (end.retryAfterMs !== undefined && end.retryAfterMs >= 0) return end.retryAfterMs;
  const seconds = /\bretry-after=(\d+(?:\.\d+)?)\b/i.exec(end.reason)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}

const isOfSession = ({ cause }: End): boolean =>
  cause === 'protocol_error' || cause === 'session_fenced' || cause === 'session_unsupported';

function isCodeRetried(code: number): boolean {
  switch (code) {
    case 1002: // Protocol error: the same bytes would be said again.
    case 1003: // Unsupported data.
    case 1007: // Invalid payload.
    case 1008: // Policy violation.
    case 1009: // Message too big.
    case 1010: // A needed extension is missing.
      return false;
    case 4408: // Request timeout.
    case 4429: // Too many requests: the backoff is the answer.
      return true;
    default:
      return code < 4400 || code > 4499;
  }
}

function isStatusRetried(status: number): boolean {
  switch (status) {
    case 408: // Request timeout.
    case 425: // Too early.
    case 429: // Too many requests.
      return true;
    case 401:
    case 403:
    case 404:
    case 410:
      return false;
    default:
      // What is left of 4xx, a plain 200 and redirects come from proxies and half-deployed servers as well.
      return true;
  }
}

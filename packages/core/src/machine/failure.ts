import type { ErrorCode } from '../errors.js';
import { isUnauthorized } from './close-code.js';
import type { Report } from './effect.js';
import type { End } from './input.js';

/** How an end is told as an error. */
export function reportOf(end: End, fatal: boolean): Report {
  const [code, message] = fatal && isUnauthorized(end) ? refused(end) : tell(end);
  return { code, message, hint: hintOf(end), cause: end.error, fatal };
}

/** Whether an end is worth an error when another attempt follows: a close frame alone is not. */
export function isFault(end: End): boolean {
  return end.cause !== 'closed_by_server';
}

function tell(end: End): readonly [code: ErrorCode, message: string] {
  const because = end.error ? `: ${end.error.message}` : end.reason === '' ? '' : `: ${end.reason}`;
  switch (end.cause) {
    case 'provider_failed':
      return ['PROVIDER_FAILED', `Cannot connect: an option's function failed${because}`];
    case 'connect_timeout':
      return ['CONNECT_TIMEOUT', 'Cannot connect: no connection within connectTimeoutMs'];
    case 'rejected':
      return ['REJECTED', `Cannot connect: the server answered with HTTP status ${end.httpStatus}`];
    case 'connect_failed':
      return ['CONNECT_FAILED', tellsAll(end) ?? `Cannot connect${because}`];
    case 'pong_timeout':
      return ['PONG_TIMEOUT', 'Connection lost: the heartbeat was not answered in time'];
    case 'message_too_large':
      return ['MESSAGE_TOO_LARGE', 'Connection ended: a message over maxMessageBytes came'];
    case 'invalid_message':
      return ['INVALID_MESSAGE', `Connection ended${because}`];
    case 'session_unsupported':
      return ['SESSION_UNSUPPORTED', `Cannot begin a session${because}`];
    case 'session_fenced':
      return ['SESSION_FENCED', 'Another client goes on with this session: a new one begins'];
    case 'protocol_error':
      return ['PROTOCOL_ERROR', `The server broke the session protocol${because}`];
    case 'closed_by_server':
      return [
        'CLOSED_BY_SERVER',
        `Connection closed by the server with code ${end.code}${because}`,
      ];
    default:
      return ['CONNECTION_LOST', `Connection lost with code ${end.code}${because}`];
  }
}

/** No further attempt is made, for there are no other credentials to make it with. */
function refused({ httpStatus, code, reason }: End): readonly [code: ErrorCode, message: string] {
  const how = httpStatus === undefined ? `code ${code}` : `HTTP status ${httpStatus}`;
  const because = reason === '' ? '' : `: ${reason}`;
  return [
    'AUTH_FAILED',
    `Cannot connect: the server refused the credentials with ${how}${because}`,
  ];
}

/** What our own transports say is a whole sentence already. */
function tellsAll({ error }: End): string | undefined {
  return error?.message.startsWith('Cannot connect') ? error.message : undefined;
}

function hintOf(end: End): string | undefined {
  // An error of ours underneath knows best.
  if (end.error && 'hint' in end.error && typeof end.error.hint === 'string') return end.error.hint;
  if (isUnauthorized(end) || end.httpStatus === 403 || end.code === 4403) {
    return 'Give fresh credentials: url, protocols and headers may be functions, asked before every attempt';
  }
  if (end.httpStatus === 200 || end.httpStatus === 404 || end.httpStatus === 426) {
    return 'Check the path: the server is there, but this address is not a WebSocket';
  }
  if (end.httpStatus === 400) {
    return "The server does not take this request: its subprotocol, perhaps. @jetsocket/server takes replay.mode 'session' alone";
  }
  if (end.cause === 'session_unsupported') {
    return "replay.mode 'session' needs a server that speaks jetsocket.v1, as @jetsocket/server does";
  }
  if (end.cause === 'message_too_large') return 'Raise maxMessageBytes, or send less at once';
  return undefined;
}

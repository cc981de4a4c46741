import { expect, it } from 'vitest';
import { isFault, reportOf } from './failure.js';
import type { End } from './input.js';

const end = (more: Partial<End>): End => ({
  cause: 'connection_lost',
  code: 1006,
  reason: '',
  wasClean: false,
  ...more,
});

// prettier-ignore
it.each([
  ['PROVIDER_FAILED',
    end({ cause: 'provider_failed', error: new Error('no token') }), "Cannot connect: an option's function failed: no token"],
  ['CONNECT_TIMEOUT', end({ cause: 'connect_timeout' }), 'Cannot connect: no connection within connectTimeoutMs'],
  ['REJECTED', end({ cause: 'rejected', httpStatus: 404 }), 'Cannot connect: the server answered with HTTP status 404'],
  ['CONNECT_FAILED', end({ cause: 'connect_failed', error: new Error('ECONNREFUSED') }), 'Cannot connect: ECONNREFUSED'],
  ['CONNECT_FAILED', end({ cause: 'connect_failed' }), 'Cannot connect'],
  ['PONG_TIMEOUT', end({ cause: 'pong_timeout' }), 'Connection lost: the heartbeat was not answered in time'],
  ['MESSAGE_TOO_LARGE', end({ cause: 'message_too_large', code: 1009 }), 'Connection ended: a message over maxMessageBytes came'],
  ['CLOSED_BY_SERVER',
    end({ cause: 'closed_by_server', code: 4403, reason: 'no' }), 'Connection closed by the server with code 4403: no'],
  ['AUTH_FAILED', end({ cause: 'closed_by_server', code: 4401, reason: 'expired' }),
    'Cannot connect: the server refused the credentials with code 4401: expired'],
  ['AUTH_FAILED', end({ cause: 'rejected', httpStatus: 401 }), 'Cannot connect: the server refused the credentials with HTTP status 401'],
  ['INVALID_MESSAGE', end({ cause: 'invalid_message', reason: 'not that' }), 'Connection ended: not that'],
  ['SESSION_UNSUPPORTED', end({ cause: 'session_unsupported', error: new Error('no subprotocol') }),
    'Cannot begin a session: no subprotocol'],
  ['SESSION_FENCED', end({ cause: 'session_fenced' }), 'Another client goes on with this session: a new one begins'],
  ['PROTOCOL_ERROR', end({ cause: 'protocol_error', reason: 'nonsense' }), 'The server broke the session protocol: nonsense'],
  ['CONNECTION_LOST', end({}), 'Connection lost with code 1006'],
] as const)('reportOf() tells %s', (code, given, message) => {
  expect(reportOf(given, true)).toMatchObject({ code, message, fatal: true, cause: given.error });
});

it.each([
  [end({ cause: 'rejected', httpStatus: 401 }), /fresh credentials/],
  [end({ cause: 'rejected', httpStatus: 403 }), /fresh credentials/],
  [end({ cause: 'closed_by_server', code: 4401 }), /fresh credentials/],
  [end({ cause: 'closed_by_server', code: 4403 }), /fresh credentials/],
  [end({ cause: 'rejected', httpStatus: 200 }), /path/],
  [end({ cause: 'rejected', httpStatus: 404 }), /path/],
  [end({ cause: 'rejected', httpStatus: 426 }), /path/],
  [end({ cause: 'message_too_large' }), /maxMessageBytes/],
  [end({ cause: 'session_unsupported' }), /jetsocket\.v1/],
  [
    end({
      cause: 'rejected',
      httpStatus: 500,
      error: Object.assign(new Error('no'), { hint: 'Wait' }),
    }),
    /^Wait$/,
  ],
])('reportOf() hints at what to do about %j', (given, hint) => {
  expect(reportOf(given, false).hint).toMatch(hint);
});

it.each([
  [end({ cause: 'closed_by_server', code: 4401 }), 'CLOSED_BY_SERVER'],
  [end({ cause: 'rejected', httpStatus: 401 }), 'REJECTED'],
])(
  'reportOf() takes a refusal for none that is final while another attempt follows: %j',
  (given, code) => {
    expect(reportOf(given, false)).toMatchObject({ code, fatal: false });
  },
);

it('reportOf() takes the hint, and a whole sentence, of the error underneath', () => {
  const error = Object.assign(new Error('Cannot connect: no WebSocket'), { hint: 'Get one' });
  const report = reportOf(end({ cause: 'connect_failed', error }), true);
  expect(report).toMatchObject({ message: 'Cannot connect: no WebSocket', hint: 'Get one' });
});

it('reportOf() gives no hint where there is nothing to do', () => {
  expect(reportOf(end({}), false).hint).toBeUndefined();
  expect(reportOf(end({ cause: 'rejected', httpStatus: 500 }), false).hint).toBeUndefined();
  const odd = Object.assign(new Error('no'), { hint: 5 });
  expect(reportOf(end({ error: odd }), false).hint).toBeUndefined();
});

it('isFault() takes a close frame alone for none', () => {
  expect(isFault(end({ cause: 'closed_by_server' }))).toBe(false);
  expect(isFault(end({}))).toBe(true);
});

import { expect, it } from 'vitest';
import { EVENT_NAMES } from './event-names.js';

it('EVENT_NAMES are the eleven events, and four more', () => {
  expect(EVENT_NAMES).toEqual([
    'connected',
    'disconnected',
    'reconnecting',
    'reconnected',
    'message',
    'error',
    'ping',
    'pong',
    'buffer_overflow',
    'replay_started',
    'replay_completed',
    'connecting',
    'state_change',
    'closed',
    'gap',
  ]);
});

import { FakeClock, FakeTransport } from '@jetsocket/testing';
import { expect, it } from 'vitest';
import { connect } from './connect.js';

it('connect() makes a socket, and connects it', async () => {
  const clock = new FakeClock();
  const socket = connect('wss://host/', { clock, transport: new FakeTransport({ clock }) });
  expect(socket.state).toBe('connecting');
  await clock.advance(20);
  expect(socket.state).toBe('connected');
});

it('connect() refuses what is no option, at once', () => {
  expect(() => connect('wss://host/', { recconect: true } as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  );
});

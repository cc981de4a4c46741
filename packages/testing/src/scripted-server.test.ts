import { JetSocket, text } from '@jetsocket/core';
import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.js';
import { FakeTransport } from './fake-transport.js';
import { ScriptedServer, type ScriptedServerOptions } from './scripted-server.js';

interface Lab {
  readonly clock: FakeClock;
  readonly server: ScriptedServer;
  readonly socket: JetSocket;
  readonly got: unknown[];
}

function lab(options: Partial<ScriptedServerOptions> = {}): Lab {
  const clock = new FakeClock();
  const server = new ScriptedServer({ clock, ...options });
  const socket = new JetSocket('ws://host', {
    clock,
    transport: server.transport,
    backoff: { jitter: false },
    heartbeat: false,
  });
  const got: unknown[] = [];
  socket.on('message', ({ data }) => got.push(data));
  void socket.connect();
  return { clock, server, socket, got };
}

describe('ScriptedServer', () => {
  it('answers by the first rule that fits, so often as it says', async () => {
    const { clock, server, socket, got } = lab();
    server.when({ op: 'add', args: { b: 2 } }, () => [{ is: 'b is 2' }], { times: 1 });
    server.when({ op: 'add' }, (message) => [{ to: message }, { is: 'any' }]);
    server.when(
      (message) => message === 'hello',
      () => ['world'],
    );
    socket.send({ op: 'add', args: { a: 1, b: 2 } });
    socket.send({ op: 'add', args: { a: 1, b: 2 } });
    socket.send('hello');
    socket.send({ op: 'else' });
    socket.send(null);
    await clock.advance(40);
    expect(got).toEqual([
      { is: 'b is 2' },
      { to: { op: 'add', args: { a: 1, b: 2 } } },
      { is: 'any' },
      'world',
    ]);
    expect(server.received).toHaveLength(5);
    expect(server.unanswered).toEqual([{ op: 'else' }, null]);
  });

  it('thinks as long as it is told to', async () => {
    const { clock, server, socket, got } = lab();
    server.when({ op: 'slow' }, () => ['done'], { afterMs: 500 });
    socket.send({ op: 'slow' });
    await clock.advance(539);
    expect(got).toEqual([]);
    await clock.advance(1);
    expect(got).toEqual(['done']);
  });

  it('says something when a connection opens, on each, and to all when told to', async () => {
    const { clock, server, got } = lab();
    let opened = 0;
    server.whenOpened(() => [{ opened: ++opened }]);
    await clock.advance(30);
    expect(server.link?.number).toBe(1);
    server.link?.cut();
    await clock.advance(0);
    expect(server.link).toBeUndefined();
    await clock.advance(1_030);
    server.send('news');
    await clock.advance(10);
    expect(got).toEqual([{ opened: 1 }, { opened: 2 }, 'news']);
  });

  it('can hang up instead of answering', async () => {
    const { clock, server, socket } = lab();
    server.when({ op: 'quit' }, (_message, link) => {
      link.closeFromServer(4401, 'bye');
    });
    const closed = new Promise((resolve) => socket.once('closed', resolve));
    socket.send({ op: 'quit' });
    await clock.advance(100);
    await expect(closed).resolves.toMatchObject({ code: 4401, reason: 'bye' });
  });

  it('speaks another codec', async () => {
    const { clock, server, got } = lab({ codec: text });
    server.whenOpened(() => ['"quoted"']);
    await clock.advance(30);
    expect(got).toEqual(['quoted']);
  });
});

it.each([undefined, null, {}, 5, { clock: {} }])(
  'a virtual world refuses the options %j',
  (options) => {
    const makes = [ScriptedServer, FakeTransport].map((World) => () => new World(options as never));
    for (const make of makes) expect(make).toThrow('it takes { clock }, the clock of the client');
  },
);

/** `readable` and `writable`, with the pressure of who is slow. All of it in virtual time. */
import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { bench, type Bench, connected } from '../../test/test-kit.js';

/** The server sends these, and they arrive. */
async function deliver({ link, clock }: Bench, ...messages: unknown[]): Promise<void> {
  for (const message of messages) link().deliver(JSON.stringify(message));
  await clock.advance(10);
}

async function close({ socket, clock }: Bench): Promise<void> {
  await Promise.all([socket.close(), clock.advance(1_000)]);
}

/** What became of a promise by now. */
async function fate(promise: Promise<unknown>): Promise<unknown> {
  const pending = Symbol('pending');
  await settle();
  const now = Promise.resolve(pending);
  return Promise.race([promise, now]).then(
    (value) => (value === pending ? 'pending' : 'done'),
    (thrown: { readonly code?: string }) => thrown.code ?? thrown,
  );
}

describe('isInUse', () => {
  it('tells of who reads or writes by a stream, as long as they hold it', async () => {
    const { socket } = await connected();
    expect(socket.isInUse).toBe(false);
    const reader = socket.readable.getReader();
    expect(socket.isInUse).toBe(true);
    reader.releaseLock();
    expect(socket.isInUse).toBe(false);
    const writer = socket.writable.getWriter();
    expect(socket.isInUse).toBe(true);
    writer.releaseLock();
    expect(socket.isInUse).toBe(false);
  });

  it('tells of a greeting and of a loop, not of handlers', async () => {
    const { socket } = await connected();
    socket.on('message', () => undefined);
    expect(socket.isInUse).toBe(false);
    const off = socket.greet(() => undefined);
    expect(socket.isInUse).toBe(true);
    off();
    const loop = socket[Symbol.asyncIterator]();
    expect(socket.isInUse).toBe(true);
    await loop.return?.();
    expect(socket.isInUse).toBe(false);
  });
});

describe('bufferedBytes', () => {
  it('counts what waits here, and in the socket below', async () => {
    const { socket, link, clock } = await connected();
    expect(socket.bufferedBytes).toBe(0);
    link().block();
    socket.send('ab');
    expect(socket.bufferedBytes).toBe(4);
    link().cut();
    await clock.advance(1);
    expect(socket.bufferedBytes).toBe(0);
    socket.send('abc');
    expect(socket.bufferedBytes).toBe(5);
  });
});

describe('readable', () => {
  it('gives messages from the first read on, and closes with the socket', async () => {
    const world = await connected();
    const reader = world.socket.readable.getReader();
    await deliver(world, 'before');
    const first = reader.read();
    await deliver(world, 1, 2);
    expect(await first).toEqual({ done: false, value: 1 });
    await close(world);
    expect(await reader.read()).toEqual({ done: false, value: 2 });
    expect((await reader.read()).done).toBe(true);
    await reader.closed;
  });

  it('closes without a read when there is nothing to read', async () => {
    const world = await connected();
    const reader = world.socket.readable.getReader();
    await close(world);
    await reader.closed;
  });

  it('errors with what the socket failed of', async () => {
    const world = await connected();
    const reader = world.socket.readable.getReader();
    const reading = reader.read();
    const closed = fate(reader.closed);
    world.link().closeFromServer(1008);
    await world.clock.advance(100);
    await expect(reading).rejects.toMatchObject({ code: 'CLOSED_BY_SERVER' });
    expect(await closed).toBe('pending');
    expect(await fate(reader.closed)).toBe('CLOSED_BY_SERVER');
  });

  it('is the same one until it is cancelled, or the socket begins anew', async () => {
    const world = await connected();
    const { readable, writable } = world.socket;
    expect(world.socket.readable).toBe(readable);
    expect(world.socket.writable).toBe(writable);
    await readable.cancel();
    expect(world.socket.readable).not.toBe(readable);
    await close(world);
    void world.socket.connect();
    expect(world.socket.writable).not.toBe(writable);
    await world.clock.advance(20);
    await close(world);
  });

  it('stops the connection from being read when the buffer is full, and loses nothing', async () => {
    const world = await connected({ buffer: { capacity: 4 } });
    const reader = world.socket.readable.getReader();
    const got: unknown[] = [];
    const read = async (count: number): Promise<void> => {
      for (let left = count; left > 0; left--) got.push((await reader.read()).value);
    };
    const first = read(1);
    await deliver(world, 1);
    await first;
    await deliver(world, 2, 3, 4);
    expect(world.link().isPaused).toBe(false);
    await deliver(world, 5, 6, 7, 8);
    expect(world.link().isPaused).toBe(true);
    expect(world.events.filter(({ type }) => type === 'message')).toHaveLength(5);
    await read(1);
    // Only half empty it goes on: not for every message once.
    expect(world.link().isPaused).toBe(true);
    await read(1);
    expect(world.link().isPaused).toBe(false);
    await world.clock.advance(10);
    await read(4);
    await world.clock.advance(10);
    await read(1);
    expect(got).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(world.names()).not.toContain('buffer_overflow');
    await close(world);
  });

  it('stops it by bytes too', async () => {
    const world = await connected({ buffer: { maxBytes: 10 } });
    const reader = world.socket.readable.getReader();
    const first = reader.read();
    await deliver(world, 'xxxxxxxxxx');
    expect(world.link().isPaused).toBe(false);
    await first;
    await deliver(world, 'xxxxxxxxxx');
    expect(world.link().isPaused).toBe(true);
    await close(world);
  });

  it('cancelled, it lets the connection be read again', async () => {
    const world = await connected({ buffer: { capacity: 1 } });
    const reader = world.socket.readable.getReader();
    const first = reader.read();
    await deliver(world, 1, 2);
    await first;
    expect(world.link().isPaused).toBe(true);
    await reader.cancel();
    expect(world.link().isPaused).toBe(false);
    expect(world.socket.state).toBe('connected');
    await close(world);
  });

  it('a connection that is not read is not taken for dead', async () => {
    const heartbeat = { intervalMs: 1_000, timeoutMs: 500 };
    const world = await connected({ buffer: { capacity: 1 }, heartbeat });
    const reader = world.socket.readable.getReader();
    const first = reader.read();
    await deliver(world, 1, 2);
    await first;
    await world.clock.advance(60_000);
    expect(world.link().isPaused).toBe(true);
    expect(world.names()).not.toContain('disconnected');
    expect((await reader.read()).value).toBe(2);
    // Read again, and silent: dead.
    await world.clock.advance(100);
    world.link().stall();
    await world.clock.advance(3_000);
    expect(world.names()).toContain('disconnected');
    await close(world);
  });

  it('the connection after one that was not read is not read either, until there is room', async () => {
    const world = await connected({ buffer: { capacity: 1 } });
    const reader = world.socket.readable.getReader();
    const first = reader.read();
    await deliver(world, 1, 2);
    await first;
    world.socket.reconnect();
    await world.clock.advance(1_000);
    expect(world.transport.links).toHaveLength(2);
    expect(world.link().isPaused).toBe(true);
    await deliver(world, 3);
    expect((await reader.read()).value).toBe(2);
    expect(world.link().isPaused).toBe(false);
    await world.clock.advance(10);
    expect((await reader.read()).value).toBe(3);
    await close(world);
  });

  it('close() is not held up by a connection that is not read', async () => {
    const world = await connected({ buffer: { capacity: 1 } });
    const reader = world.socket.readable.getReader();
    const first = reader.read();
    await deliver(world, 1, 2);
    await first;
    await Promise.all([world.socket.close(4000), world.clock.advance(100)]);
    expect(world.events.at(-1)).toMatchObject({ type: 'closed', code: 4000 });
    expect((await reader.read()).value).toBe(2);
  });

  it('drops, and says so, where nothing can stop the connection', async () => {
    const world = await connected({ buffer: { capacity: 2 } }, { canPause: false });
    const reader = world.socket.readable.getReader();
    const first = reader.read();
    await deliver(world, 1, 2, 3, 4, 5);
    await first;
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'buffer_overflow', dropped_count: 2, direction: 'incoming' }),
    );
    expect((await reader.read()).value).toBe(4);
    await close(world);
  });
});

describe('a reader in a session', () => {
  /** Answers every hello, and tells what else came. */
  function sessionServer() {
    const heard: string[] = [];
    const onReceived = (link: { deliver(frame: string): void }, frame: unknown): void => {
      const text = String(frame);
      heard.push(text);
      if (!text.includes('"jet"')) return;
      const { sid } = JSON.parse(text) as { readonly sid: string };
      link.deliver(`{"jet":1,"sid":"${sid}","rx":0,"hi":${server.hi},"ttl":60,"win":256}`);
    };
    const server = { heard, onReceived, hi: 0 };
    return server;
  }
  const acks = (heard: readonly string[]): string[] => heard.filter((frame) => /^,/.test(frame));
  const hello = (heard: readonly string[]): unknown =>
    JSON.parse(heard.filter((frame) => frame.includes('"jet"')).at(-1) ?? '{}');

  async function session() {
    const server = sessionServer();
    const replay = { mode: 'session', window: 4 } as const;
    const world = bench({ replay, buffer: { capacity: 1 } }, server);
    void world.socket.connect();
    await world.clock.advance(40);
    const iterator = world.socket[Symbol.asyncIterator]();
    const send = async (...seqs: number[]): Promise<void> => {
      for (const seq of seqs) world.link().deliver(`${seq} "m${seq}"`);
      server.hi = Math.max(server.hi, ...seqs);
      await world.clock.advance(500);
    };
    const read = async (): Promise<unknown> => (await iterator.next()).value;
    return { ...world, server, iterator, send, read };
  }

  it('holds back the acknowledgement of what it has not read, so that the window is its bound', async () => {
    const { server, send, read, names, link, clock, socket } = await session();
    await send(1, 2, 3, 4);
    expect(acks(server.heard)).toEqual([]);
    expect(await read()).toBe('m1');
    await clock.advance(500);
    expect(acks(server.heard)).toEqual([',1']);
    expect([await read(), await read(), await read()]).toEqual(['m2', 'm3', 'm4']);
    await clock.advance(500);
    expect(acks(server.heard).at(-1)).toBe(',4');
    expect(link().isPaused).toBe(false);
    // The capacity is 1: it bounds nothing that the window does.
    expect(names()).not.toContain('buffer_overflow');
    void socket.close();
    await clock.advance(10_000);
  });

  it('acknowledges for the slowest of several, and for nobody who has left', async () => {
    const { server, send, read, iterator, clock, socket } = await session();
    const other = socket[Symbol.asyncIterator]();
    await send(1, 2);
    await read();
    await read();
    await clock.advance(500);
    expect(acks(server.heard)).toEqual([]);
    await other.next();
    await clock.advance(500);
    expect(acks(server.heard)).toEqual([',1']);
    await other.return?.();
    await clock.advance(500);
    expect(acks(server.heard).at(-1)).toBe(',2');
    await iterator.return?.();
    await send(3);
    expect(acks(server.heard).at(-1)).toBe(',3');
    void socket.close();
    await clock.advance(10_000);
  });

  it('asks again, after an outage, for a window from what was read; duplicates are no messages', async () => {
    const { server, send, read, link, clock, socket, names } = await session();
    await send(1, 2, 3);
    await read();
    link().cut();
    await clock.advance(1);
    // Read while there is no connection: nobody can be told yet.
    await read();
    await clock.advance(2_000);
    expect(hello(server.heard)).toMatchObject({ rx: 1 });
    expect(acks(server.heard)).toEqual([',2']);
    names();
    await send(2, 3, 4, 5, 6);
    expect(names()).not.toContain('error');
    expect([await read(), await read(), await read(), await read()]).toEqual([
      'm3',
      'm4',
      'm5',
      'm6',
    ]);
    await clock.advance(500);
    expect(acks(server.heard).at(-1)).toBe(',6');
    void socket.close();
    await clock.advance(10_000);
  });

  it('forgets the numbers of a session that is over', async () => {
    const { server, send, read, link, clock, socket } = await session();
    await send(1, 2, 3);
    const { sid } = hello(server.heard) as { readonly sid: string };
    server.hi = 0;
    link().deliver(`{"gone":"unknown","sid":"${sid}","rx":0}`);
    await clock.advance(100);
    await send(1);
    expect(acks(server.heard)).toEqual([]);
    expect([await read(), await read(), await read(), await read()]).toEqual([
      'm1',
      'm2',
      'm3',
      'm1',
    ]);
    await clock.advance(500);
    expect(acks(server.heard)).toEqual([',1']);
    void socket.close();
    await clock.advance(10_000);
  });

  it('drops what has no number, and says so, before what has one', async () => {
    const { link, clock, read, names, send, socket } = await session();
    await send(1);
    link().deliver(' "typing"');
    await clock.advance(10);
    expect(names()).toContain('buffer_overflow');
    await send(2);
    expect([await read(), await read()]).toEqual(['m1', 'm2']);
    void socket.close();
    await clock.advance(10_000);
  });
});

describe('readable of a socket that fails', () => {
  it('errors without a read', async () => {
    const world = await connected({ reconnect: false });
    const reader = world.socket.readable.getReader();
    world.link().cut();
    await world.clock.advance(10);
    await expect(reader.closed).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });
});

describe('writable that waits for room', () => {
  const full = async (): Promise<Bench & { writer: WritableStreamDefaultWriter<unknown> }> => {
    const world = await connected({
      buffer: { capacity: 2 },
      reconnect: ({ attempt }) => attempt < 1,
    });
    world.transport.refuse(9);
    world.link().cut();
    await world.clock.advance(1);
    const writer = world.socket.writable.getWriter();
    await writer.write(1);
    return { ...world, writer };
  };

  it('tells that the socket was closed meanwhile', async () => {
    const world = await full();
    const waits = world.writer.write(2);
    expect(await fate(waits)).toBe('pending');
    world.writer.closed.catch(() => undefined);
    await close(world);
    await world.clock.advance(100);
    expect(await fate(waits)).toBe('CLOSED');
  });

  it('tells what the socket failed of meanwhile', async () => {
    const world = await full();
    const waits = world.writer.write(2);
    world.writer.closed.catch(() => undefined);
    await world.clock.advance(2_000);
    expect(world.socket.state).toBe('failed');
    expect(await fate(waits)).toBe('CONNECT_FAILED');
  });

  it('waits no longer when it is aborted', async () => {
    const world = await full();
    const waits = world.writer.write(2);
    world.writer.closed.catch(() => undefined);
    const aborted = world.writer.abort(new Error('enough'));
    await world.clock.advance(100);
    await aborted;
    expect([await fate(waits), world.socket.state]).toEqual(['done', 'closed']);
  });

  it('tells with its close what the socket failed of', async () => {
    const world = await full();
    world.writer.closed.catch(() => undefined);
    const closed = fate(world.writer.close());
    await world.clock.advance(2_000);
    expect(world.socket.state).toBe('failed');
    expect(await closed).not.toBe('done');
  });
});

describe('writable', () => {
  it('sends, and closes the socket when it is closed and all is sent', async () => {
    const world = await connected();
    const writer = world.socket.writable.getWriter();
    await writer.write(1);
    await world.clock.advance(20);
    world.link().cut();
    await world.clock.advance(1);
    void writer.write(2);
    const closed = writer.close();
    await settle();
    expect(world.socket.state).toBe('backing_off');
    await world.clock.advance(5_000);
    await closed;
    expect(world.transport.received).toEqual(['1', '2']);
    expect(world.socket.state).toBe('closed');
  });

  it('waits with its close for all of them, though the last one comes to nothing', async () => {
    const encoded: (() => void)[] = [];
    const world = await connected({
      codec: {
        encode: (message) =>
          new Promise((resolve, reject) => {
            if (message === 3) reject(new Error('no'));
            else encoded.push(() => resolve(String(message)));
          }),
        decode: (data) => data,
      },
    });
    const writer = world.socket.writable.getWriter();
    for (const n of [1, 2, 3]) await writer.write(n);
    const closed = writer.close();
    expect(await fate(closed)).toBe('pending');
    expect(world.socket.state).toBe('connected');
    for (const done of encoded) done();
    await world.clock.advance(20);
    expect(await fate(closed)).toBe('done');
    expect(world.transport.received).toEqual(['1', '2']);
  });

  it('waits with its close for acknowledgements, where there are such', async () => {
    const ackOf = (message: unknown): number => Number(message);
    const world = await connected({ buffer: { ackOf } });
    const writer = world.socket.writable.getWriter();
    void writer.write('a');
    const closed = writer.close();
    await world.clock.advance(1_000);
    expect(world.socket.state).toBe('connected');
    await deliver(world, 1);
    await world.clock.advance(100);
    await closed;
    expect(world.socket.state).toBe('closed');
  });

  it('waits while half of the buffer is full, through an outage, and drops nothing', async () => {
    const world = await connected({ buffer: { capacity: 4 } });
    world.link().cut();
    await world.clock.advance(1);
    const writer = world.socket.writable.getWriter();
    const writes = [1, 2, 3, 4, 5, 6].map((message) => writer.write(message));
    await settle();
    expect(await Promise.all(writes.map(fate))).toEqual([
      'done',
      'done',
      ...Array<string>(4).fill('pending'),
    ]);
    await world.clock.advance(2_000);
    await Promise.all(writes);
    expect(world.transport.received).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(world.names()).not.toContain('buffer_overflow');
    await close(world);
  });

  it('waits on what the socket below holds', async () => {
    const world = await connected({ buffer: { maxBytes: 100 } });
    world.link().block();
    const writer = world.socket.writable.getWriter();
    await writer.write('x'.repeat(98));
    const second = writer.write('y');
    await world.clock.advance(1_000);
    expect(await fate(second)).toBe('pending');
    world.link().release();
    await world.clock.advance(100);
    await second;
    await close(world);
  });

  it('waits on acknowledgements, where the socket below says nothing', async () => {
    const ackOf = (message: unknown): number => Number(message);
    const world = await connected({ buffer: { ackOf, capacity: 4 } });
    const writer = world.socket.writable.getWriter();
    const writes = [1, 2, 3].map((message) => writer.write(message));
    await world.clock.advance(1_000);
    expect(world.link().bufferedBytes).toBe(0);
    expect(await Promise.all(writes.map(fate))).toEqual(['done', 'done', 'pending']);
    await deliver(world, 1);
    await world.clock.advance(100);
    await Promise.all(writes);
    await close(world);
  });

  it('waits for a connection in the mode none', async () => {
    const world = bench({ replay: { mode: 'none' } });
    const writer = world.socket.writable.getWriter();
    const write = writer.write(1);
    void world.socket.connect();
    expect(await fate(write)).toBe('pending');
    await world.clock.advance(100);
    await write;
    expect(world.transport.received).toEqual(['1']);
    await close(world);
  });

  it('rejects, and errors, with the code of what send() throws; the socket lives', async () => {
    const world = await connected();
    const writer = world.socket.writable.getWriter();
    await expect(writer.write(1n)).rejects.toMatchObject({ code: 'NOT_SERIALIZABLE' });
    await expect(writer.closed).rejects.toMatchObject({ code: 'NOT_SERIALIZABLE' });
    expect(world.socket.state).toBe('connected');
    const other = world.socket.writable.getWriter();
    await other.write('well');
    const closed = other.close();
    await world.clock.advance(5_000);
    await closed;
    expect(world.transport.received).toEqual(['"well"']);
    expect(world.socket.state).toBe('closed');
  });

  it.each([
    ['is closed', 'CLOSED', (world: Bench) => void world.socket.close()],
    ['fails', 'CLOSED_BY_SERVER', (world: Bench) => world.link().closeFromServer(1008)],
  ])('errors when the socket %s', async (_what, code, end) => {
    const world = await connected({ buffer: { capacity: 2 } });
    world.link().block();
    const writer = world.socket.writable.getWriter();
    const closed = expect(writer.closed).rejects.toMatchObject({ code });
    end(world);
    world.link().release();
    await world.clock.advance(1_000);
    await closed;
    await expect(writer.write(1)).rejects.toMatchObject({ code });
  });

  it('a write that waits when the socket ends rejects', async () => {
    const world = await connected({ buffer: { capacity: 2 } });
    world.link().cut();
    await world.clock.advance(1);
    const writer = world.socket.writable.getWriter();
    const writes = [1, 2].map((message) => writer.write(message));
    const closed = expect(writer.closed).rejects.toMatchObject({ code: 'CLOSED' });
    const rejected = expect(writes[1]).rejects.toMatchObject({ code: 'CLOSED' });
    await writes[0];
    await close(world);
    await Promise.all([closed, rejected]);
    expect(world.clock.pendingCount).toBe(0);
  });

  it('aborted, it closes the socket at once, and what waits is not sent', async () => {
    const world = await connected({ buffer: { capacity: 2 } });
    world.link().cut();
    await world.clock.advance(1);
    const writer = world.socket.writable.getWriter();
    const writes = [1, 2].map((message) => fate(writer.write(message)));
    void fate(writer.closed);
    const aborted = writer.abort('enough');
    await world.clock.advance(5_000);
    await aborted;
    await Promise.all(writes);
    expect(world.socket.state).toBe('closed');
    expect(world.transport.received).toEqual([]);
  });
});

describe('pipeTo', () => {
  it('goes from one socket to another, and the end of the first closes the second', async () => {
    const from = await connected();
    const to = await connected();
    const piped = from.socket.readable.pipeTo(to.socket.writable);
    await settle();
    await deliver(from, 1, 2, 3);
    await to.clock.advance(100);
    await close(from);
    await to.clock.advance(1_000);
    await piped;
    expect(to.transport.received).toEqual(['1', '2', '3']);
    expect(to.socket.state).toBe('closed');
  });

  it('ends by its signal: the reader lets go, and the written one closes', async () => {
    const from = await connected();
    const to = await connected();
    const controller = new AbortController();
    const { signal } = controller;
    const piped = from.socket.readable.pipeTo(to.socket.writable, { signal });
    const rejected = expect(piped).rejects.toThrow('enough');
    await settle();
    await deliver(from, 1);
    controller.abort(new Error('enough'));
    await settle();
    await to.clock.advance(1_000);
    await rejected;
    expect(from.socket.state).toBe('connected');
    expect(to.socket.state).toBe('closed');
    await close(from);
  });

  it('by its signal does not end while a message waits for room, and does when the socket closes', async () => {
    const { socket, clock, link } = await connected({ buffer: { capacity: 4 } });
    link().cut();
    await clock.advance(1);
    const controller = new AbortController();
    let isCancelled = false;
    const endless = new ReadableStream<unknown>({
      pull: (source) => void source.enqueue('more'),
      cancel: () => void (isCancelled = true),
    });
    const piped = endless.pipeTo(socket.writable, { signal: controller.signal });
    const rejected = expect(piped).rejects.toMatchObject({ code: 'CLOSED' });
    await settle();
    controller.abort(new Error('enough'));
    await settle();
    expect(isCancelled).toBe(false);
    void socket.close();
    await clock.advance(5_000);
    await rejected;
    expect(socket.state).toBe('closed');
  });

  it('tells the failure of the first by its code', async () => {
    const from = await connected();
    const to = await connected();
    const piped = from.socket.readable.pipeTo(to.socket.writable);
    const rejected = expect(piped).rejects.toMatchObject({ code: 'CLOSED_BY_SERVER' });
    await settle();
    from.link().closeFromServer(1008);
    await from.clock.advance(100);
    await to.clock.advance(1_000);
    await rejected;
    expect(to.socket.state).toBe('closed');
  });
});

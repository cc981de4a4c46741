import { describe, expect, it } from 'vitest';
import { bench, type Bench, connected } from '../../test/test-kit.js';
import type { Options } from '../options.js';
import type { IdOf } from './request-options.js';

const idOf: IdOf<unknown, unknown> = (message) => (message as { id?: number | string }).id;
const failure = (code: string): unknown =>
  expect.objectContaining({ name: 'JetSocketError', code });

/** A client whose server answers nothing by itself. */
const made = (options: Options = {}): Promise<Bench> =>
  connected({ heartbeat: false, request: { idOf }, ...options });

/** What has become of a promise so far. */
function watch(promise: Promise<unknown>): { outcome: unknown } {
  const seen: { outcome: unknown } = { outcome: 'open' };
  promise.then(
    (value) => (seen.outcome = value),
    (error: unknown) => (seen.outcome = (error as { code: string }).code),
  );
  return seen;
}

describe('request()', () => {
  it('that waits for a connection all the time says so', async () => {
    const { socket, clock, transport } = bench({ request: { idOf, timeoutMs: 1_000 } });
    transport.hang(1);
    void socket.connect();
    const reply = socket.request({ id: 1 });
    const hint = expect(reply).rejects.toMatchObject({
      code: 'REQUEST_TIMEOUT',
      hint: 'It still waits to be sent: there was no connection',
    });
    await clock.advance(1_000);
    await hint;
  });

  it('resolves with the reply that has its id, whatever else comes before', async () => {
    const { socket, clock, link } = await made();
    const first = watch(socket.request({ id: 1, ask: 'time' }));
    const second = watch(socket.request({ id: 2, ask: 'date' }));
    link().deliver('{"news":true}');
    link().deliver('{"id":3}');
    link().deliver('{"id":2,"is":"Monday"}');
    await clock.advance(10);
    expect([first.outcome, second.outcome]).toEqual(['open', { id: 2, is: 'Monday' }]);
    link().deliver('{"id":1,"is":"noon"}');
    await clock.advance(10);
    expect(first.outcome).toEqual({ id: 1, is: 'noon' });
    expect(link().received).toEqual(['{"id":1,"ask":"time"}', '{"id":2,"ask":"date"}']);
  });

  it('leaves the reply a message event, and only the first one is the reply', async () => {
    const { socket, clock, link, events } = await made();
    const reply = socket.request({ id: 1 });
    link().deliver('{"id":1,"n":1}');
    link().deliver('{"id":1,"n":2}');
    await clock.advance(10);
    await expect(reply).resolves.toEqual({ id: 1, n: 1 });
    const came = events.flatMap((event) => (event.type === 'message' ? [event.data] : []));
    expect(came).toEqual([
      { id: 1, n: 1 },
      { id: 1, n: 2 },
    ]);
  });

  it('leaves nothing behind when it is answered: no timer, no handler', async () => {
    const { socket, clock, link } = await made();
    const before = clock.pendingCount;
    let asked = 0;
    const reply = socket.request(
      { id: 1 },
      {
        idOf: (message) => {
          asked++;
          return idOf(message);
        },
      },
    );
    link().deliver('{"id":1}');
    await clock.advance(10);
    await reply;
    expect(clock.pendingCount).toBe(before);
    link().deliver('{"id":1}');
    await clock.advance(10);
    expect(asked).toBe(2);
  });

  it('tells ids of different kinds apart, and takes bigints', async () => {
    const { socket, clock, link } = await made();
    const number = watch(socket.request({ id: 1 }));
    const text = watch(socket.request({ id: '1' }));
    const big = watch(socket.request({ n: '5' }, { idOf: (m) => BigInt((m as { n: string }).n) }));
    link().deliver('{"id":"1"}');
    link().deliver('{"n":"5"}');
    await clock.advance(10);
    expect([number.outcome, text.outcome, big.outcome]).toEqual(['open', { id: '1' }, { n: '5' }]);
  });

  it('rejects an id that is taken, and disturbs neither request', async () => {
    const { socket, clock, link } = await made();
    const first = socket.request({ id: 1 });
    await expect(socket.request({ id: 1 })).rejects.toThrow(failure('REQUEST_ID_TAKEN'));
    // However the id is told.
    await expect(
      socket.request({ nr: 1 }, { idOf: (m) => (m as { nr?: number }).nr }),
    ).rejects.toThrow(failure('REQUEST_ID_TAKEN'));
    link().deliver('{"id":1}');
    await clock.advance(10);
    await expect(first).resolves.toEqual({ id: 1 });
    expect(link().received).toEqual(['{"id":1}']);
    const again = socket.request({ id: 1 });
    link().deliver('{"id":1}');
    await clock.advance(10);
    await expect(again).resolves.toEqual({ id: 1 });
  });

  it('rejects what is no request, and throws nothing at once', async () => {
    const { socket } = await made({ request: {} });
    await expect(socket.request({ id: 1 })).rejects.toThrow(failure('INVALID_OPTION'));
    for (const id of [undefined, null, NaN, {}]) {
      await expect(socket.request({}, { idOf: () => id as number })).rejects.toThrow(
        failure('INVALID_OPTION'),
      );
    }
    for (const timeoutMs of [0, -1, 1.5, Infinity, '5' as never]) {
      await expect(socket.request({ id: 1 }, { idOf, timeoutMs })).rejects.toThrow(
        failure('INVALID_OPTION'),
      );
    }
    await expect(socket.request({ id: 1n }, { idOf: () => 1 })).rejects.toThrow(
      failure('NOT_SERIALIZABLE'),
    );
    await expect(socket.request({ id: 1 }, { idOf, timeout: 5 } as never)).rejects.toThrow(
      failure('INVALID_OPTION'),
    );
  });

  it('bounds how many are open', async () => {
    const { socket, clock, link } = await made({ request: { idOf, maxOpen: 2 } });
    void socket.request({ id: 1 });
    void watch(socket.request({ id: 2 }));
    await expect(socket.request({ id: 3 })).rejects.toThrow(failure('TOO_MANY_REQUESTS'));
    link().deliver('{"id":1}');
    await clock.advance(10);
    const third = watch(socket.request({ id: 3 }));
    link().deliver('{"id":3}');
    await clock.advance(10);
    expect(third.outcome).toEqual({ id: 3 });
  });

  it('rejects in time, and a reply that comes late is a message and no more', async () => {
    const { socket, clock, link, events } = await made();
    const late = watch(socket.request({ id: 1 }, { timeoutMs: 100 }));
    await clock.advance(99);
    expect(late.outcome).toBe('open');
    await clock.advance(1);
    expect(late.outcome).toBe('REQUEST_TIMEOUT');
    link().deliver('{"id":1}');
    await clock.advance(10);
    expect(events.filter(({ type }) => type === 'message')).toHaveLength(1);
  });

  it('is given up by its signal, before and after', async () => {
    const { socket, link, clock } = await made();
    const early = AbortSignal.abort('no');
    const before = watch(socket.request({ id: 1 }, { signal: early }));
    const controller = new AbortController();
    const after = watch(socket.request({ id: 2 }, { signal: controller.signal }));
    controller.abort();
    await clock.advance(10);
    expect([before.outcome, after.outcome]).toEqual(['ABORTED', 'ABORTED']);
    expect(link().received).toEqual(['{"id":2}']);
    expect(clock.pendingCount).toBe(0);
  });

  it('an idOf that throws for what comes is told, and other requests go on', async () => {
    const { socket, clock, link, events } = await made();
    const fussy = watch(
      socket.request(
        { id: 1 },
        {
          idOf: (message) => {
            if ((message as { id: number }).id === 9) throw new Error('unknown message');
            return idOf(message);
          },
        },
      ),
    );
    const plain = watch(socket.request({ id: 9 }));
    link().deliver('{"id":9}');
    await clock.advance(10);
    expect([fussy.outcome, plain.outcome]).toEqual(['open', { id: 9 }]);
    const errors = events.flatMap((event) =>
      event.type === 'error' ? [`${event.code}: ${event.message}`] : [],
    );
    expect(errors).toEqual(['HOOK_FAILED: request.idOf threw: unknown message']);
  });

  it('rejects with CLOSED at the end of the socket', async () => {
    const { socket, clock } = await made();
    const open = watch(socket.request({ id: 1 }));
    void socket.close();
    await clock.advance(30);
    expect(open.outcome).toBe('CLOSED');
    await expect(socket.request({ id: 2 })).rejects.toThrow(failure('CLOSED'));
    expect(clock.pendingCount).toBe(0);
  });
});

describe('request() and an outage', () => {
  it('waits for a connection, also the first one', async () => {
    const { socket, clock, link } = bench({ heartbeat: false, request: { idOf } });
    const first = watch(socket.request({ id: 1 }));
    void socket.connect();
    await clock.advance(30);
    link().deliver('{"id":1}');
    await clock.advance(10);
    expect(first.outcome).toEqual({ id: 1 });
    link().cut();
    await clock.advance(0);
    const during = watch(socket.request({ id: 2 }));
    await clock.advance(1_030);
    expect(link().received).toEqual(['{"id":2}']);
    link().deliver('{"id":2}');
    await clock.advance(10);
    expect(during.outcome).toEqual({ id: 2 });
  });

  it('with resend: false rejects when the connection is lost before the reply: it may have been done', async () => {
    const { socket, clock, link } = await made();
    const once = watch(socket.request({ id: 1 }, { resend: false }));
    const again = watch(socket.request({ id: 2 }));
    await clock.advance(10);
    link().cut();
    await clock.advance(1_030);
    expect([once.outcome, again.outcome]).toEqual(['CONNECTION_LOST', 'open']);
    expect(link().received).toEqual(['{"id":2}']);
  });

  it('sends again what one request asks to, where the socket says that none is', async () => {
    const { socket, clock, link } = await made({ request: { idOf, resend: false } });
    const once = watch(socket.request({ id: 1 }));
    void watch(socket.request({ id: 2 }, { resend: true }));
    await clock.advance(10);
    link().cut();
    await clock.advance(1_030);
    expect(once.outcome).toBe('CONNECTION_LOST');
    expect(link().received).toEqual(['{"id":2}']);
  });

  it.each(['none', 'full_buffer', 'sequence_id'] as const)(
    'sends it again in mode %s, ahead of what waits and in order, as often as it takes',
    async (mode) => {
      const sequenceOf = (): undefined => undefined;
      const replay = mode === 'sequence_id' ? { mode, sequenceOf } : { mode };
      const { socket, clock, link, transport } = await made({ replay });
      const open = [watch(socket.request({ id: 1 })), watch(socket.request({ id: 2 }))];
      link().cut();
      await clock.advance(0);
      if (mode !== 'none') socket.send('waits');
      await clock.advance(1_020);
      link().cut();
      await clock.advance(2_030);
      const both = ['{"id":1}', '{"id":2}'];
      const waits = mode === 'none' ? [] : ['"waits"'];
      expect(transport.links.map(({ received }) => received)).toEqual([[], [], both]);
      expect(transport.links[1]?.lost).toEqual([...both, ...waits]);
      link().deliver('{"id":2}');
      link().deliver('{"id":1}');
      await clock.advance(10);
      expect(open.map(({ outcome }) => outcome)).toEqual([{ id: 1 }, { id: 2 }]);
    },
  );

  it('with acknowledgements, goes by the buffer until the server has it, and then by itself', async () => {
    const { socket, clock, link } = await made({
      buffer: { ackOf: (message) => (message as { ack?: number }).ack },
    });
    const open = watch(socket.request({ id: 1 }));
    const again = watch(socket.request({ id: 2 }));
    const once = watch(socket.request({ id: 3 }, { resend: false }));
    await clock.advance(10);
    link().cut();
    await clock.advance(1_030);
    expect(link().received).toEqual(['{"id":1}', '{"id":2}', '{"id":3}']);
    link().deliver('{"ack":3}');
    link().deliver('{"id":1}');
    await clock.advance(10);
    expect(open.outcome).toEqual({ id: 1 });
    // The server has both, and their replies are lost with the connection.
    link().cut();
    await clock.advance(2_030);
    expect([again.outcome, once.outcome]).toEqual(['open', 'CONNECTION_LOST']);
    expect(link().received).toEqual(['{"id":2}']);
  });

  it.each([
    [true, ['{"id":"a"}', '{"from":1}']],
    [false, ['{"from":1}']],
  ])('in mode sequence_id, takes a reply that is replayed: resend %s', async (resend, sent) => {
    const { socket, clock, link } = await made({
      replay: {
        mode: 'sequence_id',
        sequenceOf: (message) => (message as { seq: number }).seq,
        requestReplay: (lastId) => ({ from: lastId }),
      },
    });
    link().deliver('{"seq":1}');
    const open = watch(socket.request({ id: 'a' }, { resend }));
    await clock.advance(10);
    link().cut();
    await clock.advance(1_030);
    expect(open.outcome).toBe('open');
    expect(link().received).toEqual(sent);
    link().deliver('{"seq":2,"id":"a"}');
    await clock.advance(10);
    expect(open.outcome).toEqual({ seq: 2, id: 'a' });
  });

  it('rejects when the buffer dropped it', async () => {
    const { socket, clock } = bench({ request: { idOf }, buffer: { capacity: 1 } });
    const open = watch(socket.request({ id: 1 }));
    socket.send('a newer one');
    await clock.advance(0);
    expect(open.outcome).toBe('REQUEST_DROPPED');
    expect(clock.pendingCount).toBe(0);
  });

  it('rejects with what send() throws, and listens to nothing then', async () => {
    const { socket } = bench({ request: { idOf }, replay: { mode: 'none' } });
    await expect(socket.request({ id: 1 })).rejects.toThrow(failure('NOT_CONNECTED'));
  });
});

import type { LinkListener, OpenRequest } from '@jetsocket/core';
import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.js';
import type { FakeLink } from './fake-link.js';
import { FakeTransport, type FakeTransportOptions } from './fake-transport.js';

const REQUEST: OpenRequest = {
  url: 'wss://example.com/',
  protocols: ['v2', 'v1'],
  headers: {},
  maxMessageBytes: 100,
};

/** A network of 10 ms one way, and all that its links report, each with its time. */
function network(options: Partial<FakeTransportOptions> = {}): {
  readonly clock: FakeClock;
  readonly transport: FakeTransport;
  readonly log: string[];
  readonly listener: LinkListener;
  readonly open: () => FakeLink;
} {
  const clock = new FakeClock();
  const transport = new FakeTransport({ clock, ...options });
  const log: string[] = [];
  const say = (text: string): void => void log.push(`${clock.now()} ${text}`);
  const listener: LinkListener = {
    onOpen: (protocol) => say(`open ${protocol}`),
    onMessage: (data) => say(`message ${String(data)}`),
    onPong: (payload) => say(`pong ${payload}`),
    onClose: ({ code, reason, wasClean, httpStatus, tooLarge }) =>
      say(['close', code, reason, wasClean, httpStatus, tooLarge].join(' ').trimEnd()),
  };
  const open = (): FakeLink => {
    transport.open(REQUEST, listener);
    const link = transport.links.at(-1);
    if (link === undefined) throw new Error('No link was made');
    return link;
  };
  return { clock, transport, log, listener, open };
}

/** The same with a connection that opened at 20 ms, and nothing else in the log. */
async function connected(
  options: Partial<FakeTransportOptions> = {},
): Promise<ReturnType<typeof network> & { link: FakeLink }> {
  const made = network(options);
  const link = made.open();
  await made.clock.advance(20);
  expect(made.log.splice(0)).toEqual(['20 open v2']);
  return { ...made, link };
}

describe('FakeTransport attempts', () => {
  it('opens after a round trip, with the first protocol offered', async () => {
    const { clock, transport, log, open } = network();
    const link = open();
    expect([log, link.isLive, link.isOpen, transport.opened]).toEqual([[], true, false, 0]);
    await clock.advance(19);
    expect(log).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual(['20 open v2']);
    expect([transport.attempts, transport.opened, link.isOpen]).toEqual([1, 1, true]);
  });

  it('says nothing before open() returns, without latency too', async () => {
    const { clock, log, open } = network({
      latencyMs: 0,
      chooseProtocol: (offered) => offered[1] ?? '',
    });
    open();
    expect(log).toEqual([]);
    await clock.advance(0);
    expect(log).toEqual(['0 open v1']);
  });

  it('refuses as many as it was told, then accepts', async () => {
    const { clock, transport, log, open } = network();
    transport.refuse(1);
    transport.refuse(1, { httpStatus: 503 });
    for (let attempt = 0; attempt < 3; attempt++) {
      open();
      await clock.advance(20);
    }
    expect(log).toEqual(['20 close 1006  false', '40 close 1006  false 503', '60 open v2']);
    expect([transport.attempts, transport.opened, transport.liveLinks.length]).toEqual([3, 1, 1]);
  });

  it('hangs for ever, until it is cut or abandoned', async () => {
    const { clock, transport, log, open } = network();
    transport.hang(2);
    const first = open();
    const second = open();
    await clock.advance(1_000_000);
    expect([log, transport.liveLinks]).toEqual([[], [first, second]]);
    first.cut();
    second.abandon();
    await clock.advance(1_000_000);
    expect(log).toEqual(['1000000 close 1006  false']);
    expect(transport.liveLinks).toEqual([]);
  });

  it('throws when told to', () => {
    const { transport, open } = network();
    transport.throwOnOpen(1, new TypeError('no WebSocket here'));
    expect(open).toThrow('no WebSocket here');
    expect([transport.attempts, transport.links.length]).toEqual([1, 0]);
    expect(open).not.toThrow();
  });

  it('accepts again once healed', async () => {
    const { clock, transport, log, open } = network();
    transport.refuse(Infinity);
    transport.heal();
    open();
    await clock.advance(20);
    expect(log).toEqual(['20 open v2']);
  });

  it.each([5, 15, 25])('says nothing after abandon() at %s ms', async (atMs) => {
    const { clock, transport, log, open } = network({ onOpened: (link) => link.deliver('hi') });
    const link = open();
    await clock.advance(atMs);
    link.abandon();
    log.length = 0;
    await clock.advance(1_000);
    expect([log, transport.liveLinks, clock.pendingCount]).toEqual([[], [], 0]);
  });
});

describe('FakeTransport messages', () => {
  it('carries them both ways, in order, each after the latency', async () => {
    const { clock, transport, log, link } = await connected({
      onReceived: (to, data) => to.deliver(data),
    });
    link.send('a');
    link.send('b');
    await clock.advance(9);
    expect([transport.received, transport.pendingCount]).toEqual([[], 2]);
    await clock.advance(1);
    expect([transport.received, link.received]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    await clock.advance(10);
    expect(log).toEqual(['40 message a', '40 message b']);
    expect([transport.pendingCount, clock.pendingCount]).toEqual([0, 0]);
  });

  it('lets nothing overtake when the latency falls', async () => {
    const { clock, transport, link } = await connected();
    transport.latencyMs = 500;
    link.send('slow');
    transport.latencyMs = 1;
    link.send('fast');
    await clock.advance(499);
    expect(transport.received).toEqual([]);
    await clock.advance(1);
    expect(transport.received).toEqual(['slow', 'fast']);
  });

  it('takes none after close() or the end, and refuses before it is open', async () => {
    const { clock, open } = network();
    const link = open();
    expect(() => link.send('early')).toThrow('not open yet');
    await clock.advance(20);
    expect(link.send('open')).toBe(true);
    link.close(1000, '');
    expect(link.send('closing')).toBe(false);
    await clock.advance(20);
    expect(link.send('ended')).toBe(false);
    expect([link.received, link.lost]).toEqual([['open'], []]);
  });

  it('ends the connection at a message over the limit, or lets it through', async () => {
    const strict = await connected();
    strict.link.deliver('é'.repeat(50));
    strict.link.deliver('é'.repeat(51));
    strict.link.deliver('next');
    await strict.clock.advance(10);
    expect(strict.log).toEqual([`30 message ${'é'.repeat(50)}`, '30 close 1006  false  true']);
    const lax = await connected({ enforcesMaxMessageBytes: false });
    lax.link.deliver('x'.repeat(101));
    await lax.clock.advance(10);
    expect(lax.log).toEqual([`30 message ${'x'.repeat(101)}`]);
  });

  it('holds them while blocked, counts their bytes, and sends them on release', async () => {
    const { clock, link } = await connected();
    link.block();
    link.send('é');
    link.send(new Uint8Array(3));
    await clock.advance(1_000);
    expect([link.bufferedBytes, link.received]).toEqual([5, []]);
    link.close(1000, '');
    await clock.advance(1_000);
    expect([link.isLive, link.isOver]).toEqual([false, false]);
    link.release();
    expect(link.bufferedBytes).toBe(0);
    await clock.advance(20);
    expect([link.received, link.isOver]).toEqual([['é', new Uint8Array(3)], true]);
  });

  it('loses what is held when the connection goes', async () => {
    const { clock, link } = await connected();
    link.block();
    link.send('held');
    link.cut();
    await clock.advance(0);
    expect([link.lost, link.bufferedBytes, link.isOver]).toEqual([['held'], 0, true]);
  });
});

describe('FakeTransport pings', () => {
  it('answers with the payload after a round trip', async () => {
    const { clock, log, link } = await connected();
    link.ping?.('are you there');
    link.pingFromServer();
    await clock.advance(20);
    expect(log).toEqual(['30 pong null', '40 pong are you there']);
  });

  it('answers none when told not to, or when there are none', async () => {
    const { clock, transport, log, link } = await connected();
    transport.answersPings = false;
    link.ping?.('');
    await clock.advance(1_000);
    expect(log).toEqual([]);
    expect((await connected({ canPing: false })).link.ping).toBeUndefined();
  });
});

describe('FakeTransport ends', () => {
  it('closes after what is on its way, both ways', async () => {
    const { clock, log, link } = await connected();
    link.send('last');
    link.close(4000, 'bye');
    await clock.advance(5);
    link.deliver('still');
    await clock.advance(100);
    expect(link.received).toEqual(['last']);
    expect(log).toEqual(['35 message still', '40 close 4000 bye true']);
  });

  it('is closed by the server after what it sent, and reports one end', async () => {
    const { clock, log, link } = await connected();
    link.deliver('last');
    link.closeFromServer(1012, 'restart');
    link.deliver('too late');
    link.closeFromServer(1000);
    link.send('crossing');
    link.close(1000, '');
    await clock.advance(1_000);
    expect(log).toEqual(['30 message last', '40 close 1012 restart true']);
    expect([link.received, link.lost]).toEqual([['crossing'], []]);
  });

  it('takes no message between the close frame and the end', async () => {
    const { clock, log, link } = await connected();
    link.closeFromServer(1000);
    await clock.advance(10);
    expect([link.send('too late'), link.isOver, log]).toEqual([false, false, []]);
    await clock.advance(10);
    expect([link.send('too late'), link.isOver, link.lost]).toEqual([false, true, []]);
  });

  it('loses what a server that reads no more had on its way', async () => {
    const { clock, link } = await connected();
    link.send('crossing');
    link.closeFromServer(1001, '', { readsOn: false });
    await clock.advance(1_000);
    expect([link.received, link.lost]).toEqual([[], ['crossing']]);
  });

  it('loses everything on its way when cut, and says so in the next turn', async () => {
    const { clock, transport, log, link } = await connected();
    link.send('out');
    link.deliver('in');
    link.cut();
    expect(log).toEqual([]);
    expect(link.send('into the void')).toBe(true);
    await clock.advance(0);
    expect(log).toEqual(['20 close 1006  false']);
    await clock.advance(1_000);
    expect(log).toHaveLength(1);
    expect([link.received, link.lost, transport.liveLinks]).toEqual([
      [],
      ['out', 'into the void'],
      [],
    ]);
  });

  it.each([
    ['stall()', (link: FakeLink) => link.stall()],
    ['cut({ reported: false })', (link: FakeLink) => link.cut({ reported: false })],
  ])('is half-open after %s: no close is ever answered', async (_name, stall) => {
    const { clock, transport, log, link } = await connected();
    stall(link);
    link.deliver('in');
    link.ping?.('');
    link.pingFromServer();
    link.closeFromServer(1000);
    expect(link.send('out')).toBe(true);
    link.close(1000, '');
    await clock.advance(1_000_000);
    expect([log, link.received, link.lost]).toEqual([[], [], ['out']]);
    expect([transport.liveLinks, link.isOver, link.isDead]).toEqual([[], false, true]);
  });

  it('lets arrive what was sent before abandon()', async () => {
    const { clock, log, link } = await connected();
    link.send('sent');
    link.abandon();
    await clock.advance(1_000);
    expect([log, link.received]).toEqual([[], ['sent']]);
  });

  it.each([
    ['an unassigned code', 1001, '', 'with code 1001'],
    ['a reason that no frame holds', 1000, 'é'.repeat(62), 'with a reason of 124 bytes'],
  ])('refuses a close with %s', async (_name, code, reason, complaint) => {
    const { link } = await connected();
    expect(() => link.close(code, reason)).toThrow(complaint);
  });

  it('refuses a second close', async () => {
    const { link } = await connected();
    link.close(4999, 'é'.repeat(61));
    expect(() => link.close(1000, '')).toThrow('closed a link twice');
  });

  it('does as the standard when closed before it is open', async () => {
    const { clock, log, open } = network();
    open().close(1000, '');
    await clock.advance(1_000);
    expect(log).toEqual(['0 close 1006  false']);
  });

  it('haunts: an old link speaks against the contract', async () => {
    const { log, link } = await connected();
    link.abandon();
    link.haunt((listener) => listener.onMessage('from beyond'));
    expect(log).toEqual(['20 message from beyond']);
  });
});

import type {
  FrameData,
  Link,
  LinkClosed,
  LinkListener,
  OpenRequest,
  Transport,
} from '@jetsocket/core';
import { describe, expect, it } from 'vitest';
import { fakeSubject } from '../test/fake-subject.js';
import { Bench } from './conformance/bench.js';
import { checks } from './conformance/checks.js';

/** How a transport is broken: what its listener and its links do otherwise. */
interface Breakage {
  readonly listener?: (good: LinkListener) => Partial<LinkListener>;
  readonly link?: (good: Link, listener: LinkListener) => Partial<Link>;
  readonly request?: (good: OpenRequest) => OpenRequest;
}

/** A conforming transport, except for one thing. */
function broken(good: Transport, { listener, link, request }: Breakage): Transport {
  return {
    takesHeaders: true,
    open(asked, wanted) {
      const heard: LinkListener = {
        onOpen: (protocol) => wanted.onOpen(protocol),
        onMessage: (data) => wanted.onMessage(data),
        onPong: (payload) => wanted.onPong(payload),
        onClose: (closed) => wanted.onClose(closed),
        ...listener?.(wanted),
      };
      const made = good.open(request?.(asked) ?? asked, heard);
      return {
        send: (data) => made.send(data),
        ping: made.ping,
        close: (code, reason) => made.close(code, reason),
        abandon: () => made.abandon(),
        get bufferedBytes() {
          return made.bufferedBytes;
        },
        ...link?.(made, wanted),
      };
    },
  };
}

const ended = (change: Partial<LinkClosed>) => (good: LinkListener) => ({
  onClose: (closed: LinkClosed) => good.onClose({ ...closed, ...change }),
});

const received = (change: (data: FrameData) => FrameData) => (good: LinkListener) => ({
  onMessage: (data: FrameData) => good.onMessage(change(data)),
});

/** Swaps every two messages. */
function swapping(good: LinkListener): Partial<LinkListener> {
  let held: FrameData | undefined;
  return {
    onMessage(data) {
      if (held === undefined) {
        held = data;
        return;
      }
      good.onMessage(data);
      good.onMessage(held);
      held = undefined;
    },
  };
}

/** `abandon()` that reports what comes afterwards; the link itself lives on. */
const deaf = { link: () => ({ abandon: () => undefined }) };

// prettier-ignore
const rows: [fault: string, breakage: Breakage, checkThatFails: string][] = [
  ['reports before open() returns', { link: (_good, listener) => (listener.onPong(null), {}) }, 'says nothing while'],
  ['forgets the subprotocol', { listener: (good) => ({ onOpen: () => good.onOpen('') }) }, 'opens, with the subprotocol'],
  ['invents a subprotocol', { listener: (good) => ({ onOpen: () => good.onOpen('v2.test') }) }, 'opens without'],
  ['opens twice', { listener: (good) => ({ onOpen: (protocol) => (good.onOpen(protocol), good.onOpen(protocol)) }) }, 'opens, with'],
  ['loses headers', { request: (good) => ({ ...good, headers: {} }) }, 'sends headers'],
  ['says that a refusal was open', { listener: (good) => ({ onClose: (closed) => (good.onOpen(''), good.onClose(closed)) }) },
    'when nobody listens'],
  ['swallows the HTTP status', { listener: ended({ httpStatus: undefined }) }, 'is answered with 401'],
  ['says that every end was clean', { listener: ended({ wasClean: true }) }, 'without a close frame'],
  ['says that no end was clean', { listener: ended({ wasClean: false }) }, 'closes with a handshake'],
  ['always says 1006', { listener: ended({ code: 1006 }) }, 'closes with a handshake'],
  ['forgets reasons', { listener: ended({ reason: '' }) }, 'reports the end by the server'],
  ['ends twice', { listener: (good) => ({ onClose: (closed) => (good.onClose(closed), good.onClose(closed)) }) }, 'without a close frame'],
  ['does not tell of an end', { listener: () => ({ onClose: () => undefined }) }, 'closes with a handshake'],
  ['says something after the end', { listener: (good) => ({ onClose: (closed) => (good.onClose(closed), good.onPong(null)) }) },
    'reports the end by the server'],
  ['does not tell of messages that are too large', { listener: ended({ tooLarge: undefined }) }, 'lets a message of maxMessageBytes pass'],
  ['has a smaller limit', { request: (good) => ({ ...good, maxMessageBytes: good.maxMessageBytes - 1 }) },
    'lets a message of maxMessageBytes pass'],
  ['has no limit', { request: (good) => ({ ...good, maxMessageBytes: Infinity }) }, 'lets a message of maxMessageBytes pass'],
  ['makes bytes of text', { listener: received((data) => (data === '1' ? Uint8Array.of(49) : data)) }, 'tells text from bytes'],
  ['makes text of bytes', { listener: received((data) => (typeof data === 'string' ? data : '1')) }, 'tells text from bytes'],
  ['trims text', { listener: received((data) => (typeof data === 'string' ? data.slice(0, 65_536) : data)) }, 'carries text both ways'],
  ['sends the whole buffer of a view', { link: (good) => ({ send: (data) => good.send(whole(data)) }) }, 'carries bytes both ways'],
  ['drops empty messages', { listener: (good) => ({ onMessage: (data) => void (data.length > 0 && good.onMessage(data)) }) },
    'carries text both ways'],
  ['reorders messages', { listener: swapping }, 'carries 1,000 messages in order'],
  ['swallows pongs', { listener: () => ({ onPong: () => undefined }) }, 'answers a ping'],
  ['forgets payloads of pings', { link: (good) => ({ ping: () => good.ping?.('') }) }, 'answers a ping'],
  ['cannot ping', { link: () => ({ ping: undefined }) }, 'answers a ping'],
  ['takes messages for ever', { link: (good) => ({ send: (data) => good.send(data) || true }) }, 'takes messages while it is open'],
  ['takes messages after the end', { link: (good) => ({ send: (data) => good.send(data) || !good.bufferedBytes }) },
    'says false once the server has ended it'],
  ['takes no message', { link: (good) => ({ send: (data) => good.send(data) && false }) }, 'takes messages while it is open'],
  ['cannot count what waits', { link: () => ({ bufferedBytes: NaN }) }, 'counts what waits'],
  ['counts below zero', { link: () => ({ bufferedBytes: -1 }) }, 'counts what waits'],
  ['loses what was handed over', { link: (good, listener) => ({ close: () => (good.abandon(), listener.onClose(CLEAN)) }) },
    'sends what was handed over'],
  ['cannot be closed before it is open', { link: () => ({ close: () => undefined }) }, 'when closed before it is open'],
  ['reports messages after abandon()', deaf, 'after abandon() of an open link'],
  ['reports an end after abandon()', deaf, 'after abandon() of a closing link'],
  ['reports an attempt after abandon()', deaf, 'after abandon() while it connects'],
  ['tells of a second end when abandoned', { link: (good, listener) => ({ abandon: () => (good.abandon(), listener.onClose(CLEAN)) }) },
    'can be abandoned twice'],
];

const CLEAN: LinkClosed = { code: 1000, reason: '', wasClean: true };

const whole = (data: FrameData): FrameData =>
  typeof data === 'string' ? data : new Uint8Array(data.buffer);

describe('The conformance suite', () => {
  it.each(rows)('complains about a transport that %s', async (_fault, breakage, name) => {
    const check = checks.find((one) => one.name.includes(name));
    const good = fakeSubject();
    const subject = { ...good, transport: broken(good.transport, breakage) };
    const bench = new Bench(subject, await subject.start());
    const run = async (): Promise<void> => {
      await check?.run(bench);
      await bench.finish();
    };
    await expect(run()).rejects.toThrow();
  });

  it('has a row for each of its checks', () => {
    const without = checks.filter(({ name }) => !rows.some(([, , part]) => name.includes(part)));
    expect(without.map(({ name }) => name)).toEqual([
      'says 1006, and never onOpen, when the handshake is answered with 503',
      'hears what the server sends by itself',
    ]);
  });

  it('is content with an unbroken one that is wrapped the same way', async () => {
    for (const check of checks) {
      const good = fakeSubject();
      const bench = new Bench(
        { ...good, transport: broken(good.transport, {}) },
        await good.start(),
      );
      await check.run(bench);
      await bench.finish();
    }
  });
});

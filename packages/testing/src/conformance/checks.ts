import type { FrameData } from '@jetsocket/core';
import { expect } from './expect.js';
import type { Bench } from './bench.js';

/** One thing that every transport must do. */
export interface Check {
  readonly name: string;
  run(bench: Bench): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;

const opening: readonly Check[] = [
  {
    name: 'opens, with the subprotocol that the server picked',
    async run(bench) {
      const { heard } = await bench.open({ protocols: ['v2.test', 'v1.test'] });
      expect([heard.protocol, heard.calls]).toEqual(['v2.test', ['onOpen']]);
    },
  },
  {
    name: 'opens without a subprotocol when none is offered',
    async run(bench) {
      expect((await bench.open()).heard.protocol).toBe('');
    },
  },
  {
    name: 'sends headers where it takes them',
    async run(bench) {
      if (!bench.subject.transport.takesHeaders) return;
      await bench.open({ headers: { 'x-conformance': 'yes, please' } });
      expect(await bench.server.header('x-conformance')).toBe('yes, please');
    },
  },
  {
    name: 'says 1006, and never onOpen, when nobody listens',
    async run(bench) {
      const tried = bench.try(bench.server.refusedUrl);
      const { code, wasClean, httpStatus } = await bench.end(tried);
      await bench.quiet();
      expect([code, wasClean, httpStatus]).toEqual([1006, false, undefined]);
      expect(tried.heard.calls).toEqual(['onClose']);
    },
  },
  ...[401, 503].map((status) => ({
    name: `says 1006, and never onOpen, when the handshake is answered with ${status}`,
    async run(bench: Bench): Promise<void> {
      const tried = bench.try(bench.server.rejectUrl(status));
      const { code, wasClean, httpStatus } = await bench.end(tried);
      await bench.quiet();
      expect([code, wasClean]).toEqual([1006, false]);
      expect(httpStatus).toBe(bench.subject.tellsStatus ? status : undefined);
      expect(tried.heard.calls).toEqual(['onClose']);
    },
  })),
  {
    name: 'says nothing while the handshake is not answered',
    async run(bench) {
      const { heard, link } = bench.try(bench.server.silentUrl);
      await bench.quiet();
      expect([heard.calls, link.bufferedBytes]).toEqual([[], 0]);
    },
  },
];

const carrying: readonly Check[] = [
  {
    name: 'carries text both ways, unchanged',
    async run(bench) {
      const texts = ['plain', '', 'zero \u0000, é, €, 😀', 'é'.repeat(MEBIBYTE / 2)];
      await expectEcho(bench, texts);
    },
  },
  {
    name: 'carries bytes both ways, unchanged',
    async run(bench) {
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      // A view into a larger buffer: only what it shows may be sent.
      await expectEcho(bench, [
        all,
        new Uint8Array(0),
        all.subarray(100, 103),
        new Uint8Array(MEBIBYTE).fill(7),
      ]);
    },
  },
  {
    name: 'tells text from bytes',
    async run(bench) {
      await expectEcho(bench, ['1', Uint8Array.of(49), '1']);
    },
  },
  {
    name: 'carries 1,000 messages in order',
    async run(bench) {
      await expectEcho(
        bench,
        Array.from({ length: 1_000 }, (_, index) => `message ${index}`),
      );
    },
  },
  {
    name: 'hears what the server sends by itself',
    async run(bench) {
      const { heard } = await bench.open();
      await bench.server.send('text');
      await bench.server.send(Uint8Array.of(1, 2, 3));
      await bench.until('The second message', () => heard.messages.length === 2);
      expectSame(heard.messages, ['text', Uint8Array.of(1, 2, 3)]);
    },
  },
  {
    name: 'counts what waits in this process: a number, never negative',
    async run(bench) {
      const tried = await bench.open();
      const counts = [tried.link.bufferedBytes];
      tried.link.send('x'.repeat(MEBIBYTE));
      counts.push(tried.link.bufferedBytes);
      tried.link.close(1000, '');
      counts.push(tried.link.bufferedBytes);
      await bench.end(tried);
      counts.push(tried.link.bufferedBytes);
      expect(counts.filter((count) => !(count >= 0 && count < Infinity))).toEqual([]);
      expect(counts[0]).toBe(0);
    },
  },
  {
    name: 'lets a message of maxMessageBytes pass, and ends at one byte more where it enforces that',
    async run(bench) {
      const tried = await bench.open({ maxMessageBytes: 1_000 });
      await bench.server.send('x'.repeat(1_000));
      await bench.server.send('é'.repeat(500) + 'x');
      if (bench.subject.enforcesMaxMessageBytes) {
        expect((await bench.end(tried)).tooLarge).toBe(true);
        expect(tried.heard.messages.length).toBe(1);
      } else {
        await bench.until('The second message', () => tried.heard.messages.length === 2);
      }
      expect(tried.heard.messages[0]).toBe('x'.repeat(1_000));
    },
  },
  {
    name: 'answers a ping with a pong of the same payload, where it can ping',
    async run(bench) {
      const { link, heard } = await bench.open();
      expect(link.ping !== undefined).toBe(bench.subject.canPing);
      if (link.ping === undefined) return;
      link.ping('are you there');
      await bench.until('onPong', () => heard.pongs.length > 0);
      expect(heard.pongs).toEqual(['are you there']);
    },
  },
];

const ending: readonly Check[] = [
  {
    name: 'closes with a handshake: code, reason, clean',
    async run(bench) {
      const tried = await bench.open();
      tried.link.close(4321, 'bye, é');
      const { code, reason, wasClean } = await bench.end(tried);
      expect([code, reason, wasClean]).toEqual([4321, 'bye, é', true]);
    },
  },
  {
    name: 'sends what was handed over before it closes',
    async run(bench) {
      const tried = await bench.open();
      for (let count = 0; count < 20; count++) tried.link.send('x'.repeat(100_000));
      tried.link.close(1000, '');
      await bench.end(tried);
      expect(await bench.server.receivedCount()).toBe(20);
    },
  },
  {
    name: 'reports the end by the server once and last: code, reason, clean',
    async run(bench) {
      const tried = await bench.open();
      await bench.server.send('last words');
      await bench.server.close(4001, 'because, é');
      const { code, reason, wasClean } = await bench.end(tried);
      await bench.quiet();
      expect([code, reason, wasClean]).toEqual([4001, 'because, é', true]);
      expect(tried.heard.calls).toEqual(['onOpen', 'onMessage', 'onClose']);
    },
  },
  {
    name: 'reports an end without a close frame once and last: 1006, not clean',
    async run(bench) {
      const tried = await bench.open();
      await bench.server.terminate();
      const { code, wasClean } = await bench.end(tried);
      await bench.quiet();
      expect([code, wasClean, tried.heard.calls]).toEqual([1006, false, ['onOpen', 'onClose']]);
    },
  },
  {
    name: 'takes messages while it is open, and says false once it closes',
    async run(bench) {
      const tried = await bench.open();
      const answers = [tried.link.send('open')];
      tried.link.close(1000, '');
      answers.push(tried.link.send('closing'));
      await bench.end(tried);
      answers.push(tried.link.send('over'));
      expect(answers).toEqual([true, false, false]);
    },
  },
  {
    name: 'says false once the server has ended it',
    async run(bench) {
      const tried = await bench.open();
      await bench.server.terminate();
      await bench.end(tried);
      expect(tried.link.send('over')).toBe(false);
    },
  },
  {
    name: 'ends unclean, without onOpen, when closed before it is open',
    async run(bench) {
      const tried = bench.try(bench.server.silentUrl);
      tried.link.close(1000, '');
      const { code, wasClean } = await bench.end(tried);
      expect([code, wasClean, tried.heard.calls]).toEqual([1006, false, ['onClose']]);
    },
  },
];

const abandoning: readonly Check[] = [
  {
    name: 'says nothing after abandon() of an open link',
    async run(bench) {
      const { link, heard } = await bench.open();
      link.send('echo of this is on its way');
      await bench.server.send('and this');
      link.abandon();
      const { length } = heard.calls;
      await bench.quiet();
      expect(heard.calls.slice(length)).toEqual([]);
    },
  },
  {
    name: 'says nothing after abandon() of a closing link',
    async run(bench) {
      const { link, heard } = await bench.open();
      link.close(1000, '');
      link.abandon();
      await bench.quiet();
      expect(heard.calls).toEqual(['onOpen']);
    },
  },
  {
    name: 'says nothing after abandon() while it connects',
    async run(bench) {
      const { server } = bench;
      const urls = [server.echoUrl, server.silentUrl, server.refusedUrl, server.rejectUrl(401)];
      const tried = urls.map((url) => bench.try(url));
      for (const { link } of tried) link.abandon();
      await bench.quiet();
      expect(tried.flatMap(({ heard }) => heard.calls)).toEqual([]);
    },
  },
  {
    name: 'can be abandoned twice, and after its end',
    async run(bench) {
      const tried = await bench.open();
      tried.link.close(1000, '');
      await bench.end(tried);
      tried.link.abandon();
      tried.link.abandon();
      await bench.quiet();
      expect(tried.heard.calls).toEqual(['onOpen', 'onClose']);
    },
  },
];

/** What every transport must do. */
export const checks: readonly Check[] = [...opening, ...carrying, ...ending, ...abandoning];

async function expectEcho(bench: Bench, sent: readonly FrameData[]): Promise<void> {
  const { link, heard } = await bench.open();
  for (const data of sent) expect(link.send(data)).toBe(true);
  await bench.until(
    `The echo of message ${sent.length}`,
    () => heard.messages.length === sent.length,
  );
  expectSame(heard.messages, sent);
}

/** Compares by hand: a difference in a mebibyte is not worth printing. */
function expectSame(actual: readonly FrameData[], expected: readonly FrameData[]): void {
  expect(actual.length).toBe(expected.length);
  expect(expected.findIndex((data, index) => !isSame(actual[index], data))).toBe(-1);
}

function isSame(actual: FrameData | undefined, expected: FrameData): boolean {
  if (typeof expected === 'string') return actual === expected;
  if (!(actual instanceof Uint8Array) || actual.length !== expected.length) return false;
  return actual.every((byte, index) => byte === expected[index]);
}

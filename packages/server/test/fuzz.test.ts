/** Whatever a peer says: nothing is thrown, and it costs bounded memory. */
import { ClientSession, type ClientSessionOutlet, Outbox } from '@jetsocket/core/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSessions, type Socket } from '../src/index.js';

/** More of them: `FUZZ_RUNS=1000000 npx vitest run fuzz`. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 20_000);

const SID = 'session-of-client-1';
const quiet = (): undefined => undefined;

const numbers = fc.oneof(
  fc.nat(5),
  fc.maxSafeNat(),
  fc.constantFrom<unknown>(-1, 0.5, 1e300, null, '1', [], {}, true),
);
const controls = fc
  .record(
    {
      jet: fc.constantFrom<unknown>(1, 2, '1'),
      sid: fc.constantFrom<unknown>(SID, 'another-session-entirely', '', 7),
      ok: fc.constantFrom<unknown>(0, 1, 2),
      n: numbers,
      rx: numbers,
      hi: numbers,
      win: numbers,
      ttl: numbers,
      tok: fc.oneof(fc.string(), numbers),
      gone: fc.constantFrom<unknown>('expired', 'unknown', 'fenced', 'regressed', 'ended', 'x', 1),
      skip: numbers,
      bye: fc.oneof(fc.string(), numbers),
    },
    { requiredKeys: [] },
  )
  .map((fields) => JSON.stringify(fields));
const frames = fc.oneof(
  controls,
  fc
    .tuple(numbers, fc.option(numbers), fc.string())
    .map(
      ([seq, ack, payload]) =>
        `${JSON.stringify(seq)}${ack === null ? '' : `,${JSON.stringify(ack)}`} ${payload}`,
    ),
  fc.nat(5).map((ack) => `,${ack}`),
  fc.constantFrom('?', '', '{', ',', '??', ' volatile'),
  fc.string(),
  fc.uint8Array({ maxLength: 24 }),
);
/** Mostly well-formed beginnings: garbage alone would never get past the hello. */
const toServer = fc.tuple(fc.boolean(), fc.array(frames, { maxLength: 12 }));

it('the server takes anything', { timeout: 3_600_000 }, () => {
  const server = createSessions({ maxSessions: 8, ttlMs: 1 });
  server.on('session', (session) => {
    session.on('message', quiet);
    session.on('error', quiet);
  });
  let welcomed = 0;
  fc.assert(
    fc.property(toServer, ([isPolite, list]) => {
      let closed = 0;
      const sent: unknown[] = [];
      const socket: Socket = {
        send: (frame) => void sent.push(frame),
        close: (code) => void (closed = code),
        terminate: quiet,
        bufferedBytes: 0,
      };
      const connection = server.connect(socket, '');
      if (isPolite) {
        connection.receive(
          JSON.stringify({ jet: 1, sid: SID, ok: 0, n: ++welcomed, rx: 0, hi: 0, win: 9 }),
        );
      }
      for (const frame of list) connection.receive(frame);
      // One answer to each frame at most, and a message to those who took one.
      expect(sent.length).toBeLessThanOrEqual(2 * list.length + 3);
      if (closed !== 0) expect([4400, 4409, 1013, 1000]).toContain(closed);
      connection.closed();
      for (const session of server) void session.close();
      expect(server.size).toBe(0);
    }),
    { numRuns },
  );
  expect(welcomed).toBeGreaterThan(numRuns / 4);
  void server.close();
});

it('the client takes anything', { timeout: 3_600_000 }, () => {
  let lives = 0;
  fc.assert(
    fc.property(toServer, ([isPolite, list]) => {
      const told: unknown[] = [];
      let isOver = false;
      const end = (): void => {
        isOver = true;
        session.detach(true);
      };
      const outlet: ClientSessionOutlet = {
        tell: (frame) => void told.push(frame),
        payload: quiet,
        gap: quiet,
        resume: quiet,
        answered: quiet,
        ackSoon: quiet,
        welcomed: () => void lives++,
        caughtUp: quiet,
        lost: quiet,
        fenced: end,
        tellNext: (frame) => void told.push(frame),
        moved: quiet,
        moveRefused: end,
        leaving: quiet,
        fencedByMove: end,
        unsupported: end,
        broken: end,
        ended: quiet,
        endedByServer: end,
      };
      const outbox = new Outbox({
        capacity: 4,
        maxBytes: 100,
        overflowPolicy: 'drop_oldest',
        awaitsAck: true,
      });
      const newId = (): string => SID;
      const session = new ClientSession(
        outbox,
        { window: 4, unknownPolicy: 'drop', newId },
        outlet,
      );
      outbox.add('1');
      session.greet();
      if (isPolite)
        session.receive(JSON.stringify({ jet: 1, sid: SID, rx: 0, hi: 9, ttl: 1, win: 4 }));
      for (const frame of list) {
        if (isOver) break;
        session.receive(frame);
        if (session.next() !== undefined) session.advance();
      }
      expect(told.length).toBeLessThanOrEqual(2 * list.length + 3);
    }),
    { numRuns },
  );
  expect(lives).toBeGreaterThan(numRuns / 4);
});

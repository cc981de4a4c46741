/**
 * A million frames that were sound once, half of them for either end: nothing is thrown, the answers stay few, and
 * what waits stays bounded.
 */
import { ClientSession, type ClientSessionOutlet, Outbox } from '@jetsocket/core/protocol';
import { seededRandom } from '@jetsocket/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSessions, type Socket } from '../src/index.js';

/** For each end. More of them: `FUZZ_FRAMES=5000000 npx vitest run mutated`. */
const frames = Number(process.env['FUZZ_FRAMES'] ?? 500_000);

/** A run has so many mutants, each behind the others on one socket while that lasts. */
const MUTANTS = 200;
const numRuns = Math.ceil(frames / MUTANTS);

const SID = 'session-of-client-1';
const WINDOW = 8;
const quiet = (): undefined => undefined;
const control = (fields: object): string => JSON.stringify(fields);
const hello = (n: number, sid: string = SID, ok: number = 0): string =>
  control({ jet: 1, sid, ok, n, rx: 0, hi: 9, win: 9 });
const welcome = control({ jet: 1, sid: SID, rx: 0, hi: 9, ttl: 1, win: 9 });

const sound: readonly (string | Uint8Array)[] = [
  '1 {"p":1}',
  '2,1 {"p":1}',
  ' "typing"',
  ',1 "typing"',
  ',0',
  ',1',
  '?',
  '{"skip":3}',
  '{"win":9}',
  '{"win":0}',
  control({ bye: 'enough', rx: 1, hi: 2 }),
  control({ gone: 'expired', sid: SID, rx: 1 }),
  welcome,
  hello(7),
  Uint8Array.of(1, 0, 1, 2, 3),
  Uint8Array.of(0x80, 0x01, 0x80, 0x01, 9),
];

/** Time stands still: timers would be half of the work. */
const clock = { now: () => 0, unixNow: () => 0, setTimer: () => 1, clearTimer: quiet };

/** Whole numbers from 0 below a bound, the same for the same seed. */
function dice(seed: number): (below: number) => number {
  const random = seededRandom(seed);
  return (below) => Math.floor(random() * below);
}

const STRANGE = '0123456789,?{}[]" -.eE\u0000\u00e9\ud800';

/** A sound frame with one to three places changed: another byte, one less, one more, one part twice. */
function mutant(roll: (below: number) => number): string | Uint8Array {
  const frame = sound[roll(sound.length)] ?? '?';
  let text = typeof frame === 'string' ? frame : String.fromCharCode(...frame);
  for (let count = 1 + roll(3); count > 0; count--) {
    const at = roll(text.length + 1);
    const strange = STRANGE[roll(STRANGE.length)] ?? '';
    const kept = text.slice(at + roll(2));
    text = text.slice(0, at) + (roll(3) === 0 ? '' : strange) + (roll(8) === 0 ? text : kept);
  }
  if (typeof frame === 'string') return text;
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 255);
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

it('the server takes half a million mutated frames', { timeout: 3_600_000 }, () => {
  let [taken, broken] = [0, 0];
  const property = fc.property(seeds, (seed) => {
    const roll = dice(seed);
    const server = createSessions({ clock, window: WINDOW, buffer: { capacity: 4 } });
    server.on('session', (session) => {
      // Somebody who is never done: all that comes has to wait.
      session.on('message', () => new Promise(quiet));
      session.on('error', quiet);
      for (let n = 1; n <= 9; n++) session.send(n);
    });
    let code = 0;
    let answers = 0;
    const socket: Socket = {
      send: () => void answers++,
      close: (given) => void (code = given),
      terminate: quiet,
      bufferedBytes: 0,
    };
    let n = 0;
    let names = 0;
    let connection = server.connect(socket, '');
    // One that ended is followed by another: before a hello is accepted, there is little to break.
    const sid = (): string => `session-of-client-${names}`;
    const greet = (): void => {
      const isKnown = server.get(sid()) !== undefined;
      if (!isKnown) names++;
      connection.receive(hello(++n, sid(), isKnown ? 1 : 0));
    };
    greet();
    for (let count = 0; count < MUTANTS; count++) {
      answers = 0;
      connection.receive(mutant(roll));
      taken++;
      if (answers > 12) throw new Error(`${answers} answers to one frame`);
      const { accepted = 0, handled = 0, size = 0 } = server.get(sid())?.snapshot ?? {};
      if (Number(size) > 4) throw new Error(`The outbox holds ${size}`);
      if (accepted < handled) throw new Error(`${handled} handled of ${accepted}`);
      if (!connection.isOver) continue;
      broken++;
      if (![1000, 4400, 4409].includes(code)) throw new Error(`Closed with ${code}`);
      connection = server.connect(socket, '');
      greet();
    }
    connection.closed();
    void server.close();
  });
  fc.assert(property, { numRuns });
  expect(taken).toBeGreaterThanOrEqual(frames);
  // As many as come through would prove little about what does not, and the other way round.
  expect(broken).toBeGreaterThan(taken / 10);
  expect(broken).toBeLessThan(taken * 0.9);
});

it('the client takes half a million mutated frames', { timeout: 3_600_000 }, () => {
  let [taken, ended] = [0, 0];
  const property = fc.property(seeds, (seed) => {
    const roll = dice(seed);
    let isOver = false;
    let answers = 0;
    const end = (): void => void (isOver = true);
    const outlet = outletOf(() => void answers++, end);
    const bounds = { capacity: 4, maxBytes: 100, overflowPolicy: 'drop_oldest' } as const;
    const outbox = new Outbox({ ...bounds, awaitsAck: true, sparesNumbered: true });
    const newId = (): string => SID;
    const session = new ClientSession(
      outbox,
      { window: WINDOW, unknownPolicy: 'drop', newId },
      outlet,
    );
    const connect = (): void => {
      isOver = false;
      outbox.add('1');
      session.greet();
      session.receive(welcome);
    };
    connect();
    for (let count = 0; count < MUTANTS; count++) {
      answers = 0;
      session.receive(mutant(roll));
      taken++;
      for (let sent = 0; session.next() !== undefined; sent++) {
        if (sent > 12) throw new Error('It sends for ever');
        session.advance();
      }
      if (answers > 3) throw new Error(`${answers} answers to one frame`);
      if (outbox.size > 4) throw new Error(`The outbox holds ${outbox.size}`);
      if (!isOver && session.isLive) continue;
      ended++;
      session.detach(false);
      outbox.rewind();
      connect();
    }
  });
  fc.assert(property, { numRuns });
  expect(taken).toBeGreaterThanOrEqual(frames);
  expect(ended).toBeGreaterThan(taken / 10);
  expect(ended).toBeLessThan(taken * 0.9);
});

/** A client that says nothing of what happens to it, but for its answers and its end. */
const outletOf = (tell: () => void, end: () => void): ClientSessionOutlet => ({
  tell,
  payload: quiet,
  gap: quiet,
  resume: quiet,
  answered: quiet,
  ackSoon: quiet,
  welcomed: quiet,
  caughtUp: quiet,
  lost: quiet,
  fenced: end,
  tellNext: quiet,
  moved: quiet,
  moveRefused: end,
  leaving: quiet,
  fencedByMove: end,
  unsupported: end,
  broken: end,
  ended: quiet,
  endedByServer: end,
});

/**
 * What a client in mode `session` spends on a message that it has already, and on one that is new. In a process of its
 * own; tells both in nanoseconds: a median, the least and the greatest.
 */
import { connect, json } from 'jetsocket';
import { message } from '../messages.mjs';
import { quantile } from '../statistics.mjs';
import { silent } from '../growth/silent.mjs';

const ROUNDS = 51;
/** So few that they are in the processor's cache, as what comes from a network is. */
const MESSAGES = 10_000;
const PAYLOAD = JSON.stringify(message(1_000_000));

/** @type {import('@jetsocket/node').LinkListener | undefined} */
let listener;
let handled = 0;
const socket = connect('ws://127.0.0.1:1/', {
  codec: json,
  heartbeat: false,
  replay: { mode: 'session' },
  transport: silent({
    protocol: 'jetsocket.v1',
    opened: (opened) => (listener = opened),
    sent(data, to) {
      const { jet, sid } = String(data).startsWith('{') ? JSON.parse(String(data)) : {};
      // In a turn of its own, as from a network.
      if (jet === 1)
        setImmediate(() =>
          to.onMessage(JSON.stringify({ jet, sid, rx: 0, hi: 0, ttl: 60, win: 256 })),
        );
    },
  }),
});
socket.on('message', () => handled++);
await socket.opened;

// Before, as a network makes them: it is not what is measured.
const frame = (/** @type {number} */ seq) => Buffer.from(`${seq} ${PAYLOAD}`).toString();
const frames = Array.from({ length: MESSAGES }, (_, at) => frame(at + 1));
const [fresh, again] = [[], []].map((list) => /** @type {number[]} */ (list));
let next = MESSAGES + 1;
for (let at = 0; at < MESSAGES; at++) listener?.onMessage(frames[at] ?? '');
for (let round = 0; round < ROUNDS; round++) {
  again?.push(timed(frames));
  const after = frames.map(() => frame(next++));
  fresh?.push(timed(after));
}
if (handled !== MESSAGES * (ROUNDS + 1)) throw new Error(`${handled} messages were handled`);
process.send?.({ again: spread(again), fresh: spread(fresh) });
process.exit();

/** @param {readonly string[]} list */
function timed(list) {
  const startedNs = process.hrtime.bigint();
  for (const frame of list) listener?.onMessage(frame);
  return Number(process.hrtime.bigint() - startedNs) / list.length;
}

/** @param {readonly number[] | undefined} values */
function spread(values = []) {
  const [median, least, greatest] = [0.5, 0, 1].map((share) => quantile(values, share));
  return { median, least, greatest };
}

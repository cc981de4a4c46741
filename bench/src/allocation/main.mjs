/**
 * How many bytes of heap a message costs on its way, counted, not timed: the same on a busy machine. A message goes
 * through the built packages over a socket that is none, so that only what is ours is counted. Run with
 * `--expose-gc --max-semi-space-size=256 --min-semi-space-size=256`, so that nothing is collected meanwhile.
 *
 * Prints JSON: bytes a message, by what was measured.
 */
import { connect, text } from 'jetsocket';
import { quantile } from '../statistics.mjs';

/** So many fit into the new space, and are enough to make what is not per message vanish. */
const MESSAGES = 50_000;
/** Until the compiler has made what it will make of the code, which allocates less. */
const WARM_UPS = 20;

const message = 'x'.repeat(64);

/** A socket whose other end is a function call. */
class Loop {
  /** @type {import('jetsocket').LinkListener | undefined} */
  listener;
  bufferedBytes = 0;
  takesHeaders = false;

  /** @type {import('jetsocket').Transport['open']} */
  open = (request, listener) => {
    this.listener = listener;
    queueMicrotask(() => listener.onOpen(request.protocols[0] ?? ''));
    return this;
  };

  /** @param {unknown} data */
  send(data) {
    // A session's hello is answered at once; nothing else is.
    if (typeof data === 'string' && data.startsWith('{"jet"')) {
      const { sid } = JSON.parse(data);
      const welcome = JSON.stringify({ jet: 1, sid, rx: 0, hi: 0, ttl: 60, win: 1_000_000 });
      queueMicrotask(() => this.listener?.onMessage(welcome));
    }
    return true;
  }

  close() {
    this.listener?.onClose({ code: 1000, reason: '', wasClean: true });
  }

  abandon() {
    this.listener = undefined;
  }
}

/** @param {import('jetsocket').Options<string, string>} options @param {(socket: any, loop: Loop) => (frame: string) => void} prepare @param {(round: number) => readonly string[]} [framesOf] */
async function measure(options, prepare, framesOf = () => []) {
  const loop = new Loop();
  const socket = connect('ws://127.0.0.1/', {
    heartbeat: false,
    ...options,
    codec: text,
    transport: loop,
  });
  await new Promise((resolve) => socket.once('connected', resolve));
  const once = prepare(socket, loop);
  /** @type {number[]} */
  const rounds = [];
  for (let round = 0; round < WARM_UPS; round++) {
    const frames = framesOf(round);
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < MESSAGES; count++) once(frames[count] ?? message);
    rounds.push((process.memoryUsage().heapUsed - before) / MESSAGES);
    // Timers and promises of a turn have theirs.
    await new Promise(setImmediate);
  }
  socket.close();
  return Math.round(quantile(rounds.slice(WARM_UPS / 2), 0.5));
}

/** What nobody keeps, the compiler may not even make. @type {unknown} */
let kept;
const keep = (/** @type {unknown} */ value) => {
  kept = value;
};

/** @param {any} socket @param {Loop} loop */
const receive = (socket, loop) => {
  socket.on('message', keep);
  return (/** @type {string} */ frame) => loop.listener?.onMessage(frame);
};

/** Of a session, numbered, and made before anything is counted. @param {number} round */
const numbered = (round) =>
  Array.from({ length: MESSAGES }, (_, index) =>
    Buffer.from(`${round * MESSAGES + index + 1} ${message}`).toString(),
  );

/** @param {any} socket */
const send = (socket) => () => keep(socket.send(message));

if (kept !== undefined) throw new Error('Nothing has come yet');
console.log(
  JSON.stringify({
    receive: await measure({}, receive),
    receiveAmongTenHandlers: await measure({}, (socket, loop) => {
      for (let count = 0; count < 9; count++) socket.on('message', () => undefined);
      return receive(socket, loop);
    }),
    receiveInSession: await measure({ replay: { mode: 'session' } }, receive, numbered),
    send: await measure({}, send),
    sendAwaitingAck: await measure(
      { buffer: { ackOf: () => undefined, capacity: WARM_UPS * MESSAGES, maxBytes: 2 ** 30 } },
      send,
    ),
    sendInSession: await measure(
      { replay: { mode: 'session' }, buffer: { capacity: WARM_UPS * MESSAGES, maxBytes: 2 ** 30 } },
      send,
    ),
  }),
);

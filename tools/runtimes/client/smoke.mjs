/** From end to end, with the packages as users install them: what is checked in every runtime. */

/**
 * @typedef {import('./checks.mjs').Runtime} Runtime
 * @typedef {{ name: string, run: () => Promise<void> }} Check
 */

const FAST = { backoff: { baseMs: 20, capMs: 200 }, heartbeat: false };
const NUMBERS = Array.from({ length: 200 }, (_, number) => number);
const HEADERS = { 'x-smoke': 'of the socket' };

/** @param {Runtime} runtime @returns {Check[]} */
export function smokeChecks(runtime) {
  return [
    {
      name: 'connects, carries a message there and back, and closes',
      run: () => thereAndBack(runtime),
    },
    {
      name: 'full_buffer: what is sent while the server is away arrives when it is back, in order',
      run: () => throughAbsence(runtime),
    },
    {
      name: 'session: every message once and in order, both ways, over cuts',
      run: () => overCuts(runtime),
    },
    runtime.takesHeaders
      ? { name: 'sends headers, whatever WebSocket is global', run: () => sendsHeaders(runtime) }
      : { name: 'refuses headers', run: () => refusesHeaders(runtime) },
    { name: 'gives up at maxAttempts, and says so', run: () => givesUp(runtime) },
    { name: 'close() during a backoff ends it at once', run: () => closesInBackoff(runtime) },
    ...(runtime.require === undefined ? [] : [sameByRequire(runtime, runtime.require)]),
  ];
}

/** @param {Runtime} runtime @param {object} options @param {'plain' | 'session'} [server] */
async function open({ control, connect }, options, server = 'plain') {
  const socket = connect(await control.call('smoke.url', server), { ...FAST, ...options });
  /** @type {any[]} */
  const messages = [];
  /** @type {string[]} */
  const events = [];
  socket.on('message', (/** @type {any} */ { data }) => messages.push(data));
  socket.on('*', (/** @type {any} */ { type }) => events.push(type));
  await socket.opened;
  return { socket, messages, events };
}

/** @param {Runtime} runtime */
async function thereAndBack(runtime) {
  const { socket, messages, events } = await open(runtime, {});
  socket.send({ hello: 'é 😀' });
  await until('the echo', () => messages.length === 1);
  same(messages, [{ hello: 'é 😀' }]);
  await socket.close(1000, 'done');
  same([socket.state, events.at(-1)], ['closed', 'closed']);
}

/** @param {Runtime} runtime */
async function throughAbsence(runtime) {
  const { control } = runtime;
  await control.call('smoke.forget');
  const { socket, messages, events } = await open(runtime, {});
  await control.call('smoke.away');
  await until('disconnected', () => events.includes('disconnected'));
  for (const number of NUMBERS) socket.send({ number });
  await until('a second retry', () => count(events, 'reconnecting') > 1);
  await control.call('smoke.back');
  await until('every echo', () => messages.length === NUMBERS.length);
  same(await control.call('smoke.received'), NUMBERS);
  same(
    messages.map(({ number }) => number),
    NUMBERS,
  );
  same(events.includes('reconnected') && events.includes('replay_completed'), true);
  await socket.close();
}

/** @param {Runtime} runtime */
async function overCuts(runtime) {
  const session = { replay: { mode: 'session' } };
  const { socket, messages, events } = await open(runtime, session, 'session');
  for (const number of NUMBERS) {
    socket.send({ number });
    if (number % 50 !== 25) continue;
    await until('some of the answers', () => messages.length > number / 2);
    const before = count(events, 'connected');
    await runtime.control.call('smoke.cut');
    await until('another connection', () => count(events, 'connected') > before);
  }
  await until('every answer', () => messages.length >= NUMBERS.length);
  same(
    messages.map(({ got }) => got),
    NUMBERS,
  );
  same([count(events, 'gap'), count(events, 'connected') > 3], [0, true]);
  await socket.close();
}

/** @param {Runtime} runtime */
async function sendsHeaders(runtime) {
  await withPoisonedGlobal(async () => {
    const { socket } = await open(runtime, { headers: HEADERS });
    same(await runtime.control.call('smoke.header', 'x-smoke'), HEADERS['x-smoke']);
    await socket.close();
  });
}

/** @param {Runtime} runtime */
async function refusesHeaders({ control, connect }) {
  const url = await control.call('smoke.url', 'plain');
  const error = thrownBy(() => connect(url, { headers: HEADERS }));
  same([error?.code, /headers/.test(error?.message)], ['INVALID_OPTION', true]);
}

/** @param {Runtime} runtime */
async function givesUp(runtime) {
  const { socket, events } = await open(runtime, { backoff: { baseMs: 5, maxAttempts: 2 } });
  await runtime.control.call('smoke.away');
  await until('closed', () => events.includes('closed'));
  same([socket.state, count(events, 'reconnecting')], ['failed', 2]);
  await runtime.control.call('smoke.back');
}

/** @param {Runtime} runtime */
async function closesInBackoff(runtime) {
  const backoff = { baseMs: 600_000, capMs: 600_000, jitter: false };
  const { socket, events } = await open(runtime, { backoff });
  await runtime.control.call('smoke.cut');
  await until('reconnecting', () => events.includes('reconnecting'));
  await socket.close();
  same([socket.state, events.at(-1)], ['closed', 'closed']);
}

/** @param {Runtime} runtime @param {(name: string) => any} require @returns {Check} */
function sameByRequire({ control, packages }, require) {
  return {
    name: 'require gives what import gives, and it connects',
    async run() {
      for (const [name, imported] of Object.entries(packages)) {
        const names = (/** @type {object} */ entry) =>
          Object.keys(entry)
            .filter((key) => key !== 'default' && key !== 'module.exports' && key !== '__esModule')
            .sort();
        same([name, ...names(require(name))], [name, ...names(imported)]);
      }
      const socket = require('jetsocket').connect(await control.call('smoke.url', 'plain'), FAST);
      await socket.opened;
      await socket.close();
    },
  };
}

/** Nobody may use the global one meanwhile: it sends no headers, and here it does not even work. */
async function withPoisonedGlobal(/** @type {() => Promise<void>} */ run) {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  Object.defineProperty(globalThis, 'WebSocket', {
    configurable: true,
    writable: true,
    value: class {
      constructor() {
        throw new Error('The global WebSocket was used');
      }
    },
  });
  try {
    await run();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'WebSocket');
    else Object.defineProperty(globalThis, 'WebSocket', before);
  }
}

const count = (/** @type {string[]} */ events, /** @type {string} */ wanted) =>
  events.filter((type) => type === wanted).length;

/** @param {() => unknown} run @returns {any} */
function thrownBy(run) {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** @param {unknown} actual @param {unknown} expected */
function same(actual, expected) {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`Expected ${wanted}, and got ${got}`);
}

/** @param {string} what @param {() => boolean} isSo */
async function until(what, isSo) {
  for (let pauses = 0; !isSo(); pauses++) {
    if (pauses === 4_000) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

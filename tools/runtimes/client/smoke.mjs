/** From end to end, with the packages as users install them: what is checked in every runtime. */

/**
 * @typedef {import('./checks.mjs').Runtime} Runtime
 * @typedef {{ name: string, run: () => Promise<void> }} Check
 */

const FAST = { backoff: { baseMs: 20, capMs: 200 }, heartbeat: false };
const COUNT = 200;

/** @param {Runtime} runtime @returns {Check[]} */
export function smokeChecks(runtime) {
  const { control, connect, takesHeaders } = runtime;

  /** @param {object} options @param {string} [url] */
  const open = async (options, url = 'plain') => {
    const socket = connect(await control.call('smoke.url', url), { ...FAST, ...options });
    /** @type {any[]} */
    const messages = [];
    /** @type {string[]} */
    const events = [];
    socket.on('message', (/** @type {any} */ { data }) => messages.push(data));
    socket.on('*', (/** @type {any} */ { type }) => events.push(type));
    await socket.opened;
    return { socket, messages, events };
  };

  return [
    {
      name: 'connects, carries a message there and back, and closes',
      async run() {
        const { socket, messages, events } = await open({});
        socket.send({ hello: 'é 😀' });
        await until('the echo', () => messages.length === 1);
        same(messages, [{ hello: 'é 😀' }]);
        await socket.close(1000, 'done');
        same([socket.state, events.at(-1)], ['closed', 'closed']);
      },
    },
    {
      name: 'full_buffer: what is sent while the server is away arrives when it is back, in order',
      async run() {
        await control.call('smoke.forget');
        const { socket, messages, events } = await open({});
        await control.call('smoke.away');
        await until('disconnected', () => events.includes('disconnected'));
        for (let number = 0; number < COUNT; number++) socket.send({ number });
        await until(
          'a second retry',
          () => events.filter((type) => type === 'reconnecting').length > 1,
        );
        await control.call('smoke.back');
        await until('every echo', () => messages.length === COUNT);
        const numbers = Array.from({ length: COUNT }, (_, number) => number);
        same(await control.call('smoke.received'), numbers);
        same(
          messages.map(({ number }) => number),
          numbers,
        );
        same(events.includes('reconnected') && events.includes('replay_completed'), true);
        await socket.close();
      },
    },
    {
      name: 'session: every message once and in order, both ways, over cuts',
      async run() {
        const { socket, messages, events } = await open({ replay: { mode: 'session' } }, 'session');
        for (let number = 0; number < COUNT; number++) {
          socket.send({ number });
          if (number % 50 !== 25) continue;
          await until('some of the answers', () => messages.length > number / 2);
          const before = count(events, 'connected');
          await control.call('smoke.cut');
          await until('another connection', () => count(events, 'connected') > before);
        }
        await until('every answer', () => messages.length >= COUNT);
        same(
          messages.map(({ got }) => got),
          Array.from({ length: COUNT }, (_, number) => number),
        );
        same([count(events, 'gap'), count(events, 'connected') > 3], [0, true]);
        await socket.close();
      },
    },
    {
      name: takesHeaders ? 'sends headers, whatever WebSocket is global' : 'refuses headers',
      async run() {
        const headers = { 'x-smoke': 'of the socket' };
        const url = await control.call('smoke.url', 'plain');
        if (!takesHeaders) {
          const error = thrownBy(() => connect(url, { headers }));
          same([error?.code, /headers/.test(error?.message)], ['INVALID_OPTION', true]);
          return;
        }
        await withPoisonedGlobal(async () => {
          const { socket } = await open({ headers });
          same(await control.call('smoke.header', 'x-smoke'), 'of the socket');
          await socket.close();
        });
      },
    },
    {
      name: 'gives up at maxAttempts, and says so',
      async run() {
        const { socket, events } = await open({ backoff: { baseMs: 5, maxAttempts: 2 } });
        await control.call('smoke.away');
        await until('closed', () => events.includes('closed'));
        same([socket.state, count(events, 'reconnecting')], ['failed', 2]);
        await control.call('smoke.back');
      },
    },
    {
      name: 'close() during a backoff ends it at once',
      async run() {
        const { socket, events } = await open({
          backoff: { baseMs: 600_000, capMs: 600_000, jitter: false },
        });
        await control.call('smoke.cut');
        await until('reconnecting', () => events.includes('reconnecting'));
        await socket.close();
        same([socket.state, events.at(-1)], ['closed', 'closed']);
      },
    },
    ...(runtime.require === undefined ? [] : [sameByRequire(runtime, runtime.require)]),
  ];
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

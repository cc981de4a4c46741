import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import type { EventName, JetSocketEvent } from '../events.js';
import { Emitter, type Handler, type ListenOptions } from './emitter.js';

const message = (data: unknown): JetSocketEvent => ({
  type: 'message',
  data,
  timestamp: 0,
  sequence_id: null,
  replayed: false,
});
const ping = (payload: unknown): JetSocketEvent => ({ type: 'ping', payload, timestamp: 0 });

/** What an event of the above carries. */
const inside = (event: JetSocketEvent): string =>
  String(event.type === 'message' ? event.data : event.type === 'ping' ? event.payload : '');

/** An emitter, a log of who was called with what, and what failed. */
function logged(): {
  readonly emitter: Emitter<unknown>;
  readonly log: string[];
  readonly failed: unknown[];
  readonly says: (name: string) => Handler<JetSocketEvent>;
  readonly on: (
    type: EventName | '*',
    handler: Handler<JetSocketEvent>,
    options?: ListenOptions,
  ) => () => void;
  readonly once: (type: EventName | '*', handler: Handler<JetSocketEvent>) => () => void;
} {
  const log: string[] = [];
  const failed: unknown[] = [];
  const emitter = new Emitter<unknown>((thrown, event) => failed.push([thrown, inside(event)]));
  return {
    emitter,
    log,
    failed,
    says: (name) => (event) => void log.push(`${name}:${inside(event)}`),
    on: (type, handler, options = {}) => emitter.on(type, handler, options, false),
    once: (type, handler) => emitter.on(type, handler, {}, true),
  };
}

describe('Emitter.emit()', () => {
  it('calls the handlers of an event in the order they were added, and those of * after them', () => {
    const { emitter, log, says, on } = logged();
    on('*', says('all'));
    on('message', says('a'));
    on('message', says('b'));
    on('ping', says('p'));
    emitter.emit(message(1));
    emitter.emit(ping(2));
    expect(log).toEqual(['a:1', 'b:1', 'all:1', 'p:2', 'all:2']);
  });

  it('does nothing where nobody listens', () => {
    const { emitter, failed } = logged();
    emitter.emit(message(1));
    expect(failed).toEqual([]);
  });

  it('gives every handler the same record', () => {
    const { emitter, on } = logged();
    const seen: unknown[] = [];
    on('message', (event) => seen.push(event));
    on('*', (event) => seen.push(event));
    const record = message(1);
    emitter.emit(record);
    expect(seen[0]).toBe(record);
    expect(seen[1]).toBe(record);
  });

  it('calls a function as often as it was added', () => {
    const { emitter, log, says, on } = logged();
    const twice = says('twice');
    on('message', twice);
    on('message', twice);
    emitter.emit(message(1));
    expect(log).toEqual(['twice:1', 'twice:1']);
  });

  it('lets every event reach all its handlers before one that a handler emits', () => {
    const { emitter, log, says, on } = logged();
    on('message', (event) => {
      log.push(`first:${inside(event)}`);
      if (inside(event) !== '1') return;
      emitter.emit(ping('a'));
      emitter.emit(message(2));
      emitter.emit(ping('b'));
    });
    on('message', says('second'));
    on('*', says('all'));
    on('ping', says('ping'));
    emitter.emit(message(1));
    expect(log).toEqual([
      ...['first:1', 'second:1', 'all:1'],
      ...['ping:a', 'all:a'],
      ...['first:2', 'second:2', 'all:2'],
      ...['ping:b', 'all:b'],
    ]);
  });

  it('works again after handlers emitted', () => {
    const { emitter, log, says, once, on } = logged();
    once('message', () => emitter.emit(ping(1)));
    on('ping', says('ping'));
    emitter.emit(message(1));
    emitter.emit(ping(2));
    expect(log).toEqual(['ping:1', 'ping:2']);
  });
});

describe('Emitter isolation', () => {
  it('calls the others where a handler throws, and tells of it once', () => {
    const { emitter, log, failed, says, on } = logged();
    const error = new Error('thrown by a handler');
    on('message', () => {
      throw error;
    });
    on('message', says('b'));
    on('*', says('all'));
    emitter.emit(message(1));
    emitter.emit(message(2));
    expect(log).toEqual(['b:1', 'all:1', 'b:2', 'all:2']);
    expect(failed).toEqual([
      [error, '1'],
      [error, '2'],
    ]);
  });

  it.each([
    ['an async function', async () => Promise.reject(new Error('rejected'))],
    [
      'a thenable',
      () => ({ then: (_: unknown, no: (e: Error) => void) => no(new Error('rejected')) }),
    ],
    [
      'a thenable that throws',
      () => ({
        then: () => {
          throw new Error('rejected');
        },
      }),
    ],
  ])('tells of %s that rejects', async (_name, handler) => {
    const { emitter, log, failed, says, on } = logged();
    on('message', handler);
    on('message', says('b'));
    emitter.emit(message(1));
    expect([log, failed]).toEqual([['b:1'], []]);
    await settle();
    expect(failed).toEqual([[new Error('rejected'), '1']]);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['a string', 'then'],
    ['an object', { then: 'later' }],
    ['a function', () => undefined],
    ['a promise', Promise.resolve(1)],
  ])('ignores a handler that returns %s', async (_name, result) => {
    const { emitter, failed, on } = logged();
    on('message', () => result);
    emitter.emit(message(1));
    await settle();
    expect(failed).toEqual([]);
  });

  it('tells of a handler whose result cannot even be looked at', () => {
    const { emitter, failed, log, says, on } = logged();
    const trap = new Proxy(
      {},
      {
        has: () => {
          throw new Error('trapped');
        },
      },
    );
    on('message', () => trap);
    on('message', says('b'));
    emitter.emit(message(1));
    expect([failed, log]).toEqual([[[new Error('trapped'), '1']], ['b:1']]);
  });

  it('puts an event that tells of a failure behind the one that failed', () => {
    const log: string[] = [];
    const emitter: Emitter<unknown> = new Emitter<unknown>(() => emitter.emit(ping('failed')));
    const says = (name: string) => (): void => void log.push(name);
    emitter.on('message', () => Promise.reject(new Error('later')), {}, false);
    emitter.on('message', () => { throw new Error('now'); }, {}, false); // prettier-ignore
    emitter.on('message', says('message'), {}, false);
    emitter.on('ping', says('ping'), {}, false);
    emitter.emit(message(1));
    expect(log).toEqual(['message', 'ping']);
  });
});

describe('Emitter.on()', () => {
  it('during an event adds for the next one', () => {
    const { emitter, log, says, on, once } = logged();
    once('message', () => on('message', says('new')));
    once('message', () => on('*', says('new for all')));
    emitter.emit(message(1));
    emitter.emit(message(2));
    // `*` comes after the event's own handlers, so one that they add is called.
    expect(log).toEqual(['new for all:1', 'new:2', 'new for all:2']);
  });

  it('returns a function that removes this handler only, and may be called again', () => {
    const { emitter, log, says, on } = logged();
    const same = says('same');
    const off = on('message', same);
    on('message', says('b'));
    on('message', same);
    off();
    off();
    emitter.emit(message(1));
    expect(log).toEqual(['b:1', 'same:1']);
  });

  it('may remove another handler during an event: that one is not called any more', () => {
    const { emitter, log, says, on } = logged();
    const offs: (() => void)[] = [];
    on('message', () => offs.forEach((off) => off()));
    offs.push(on('message', says('victim')));
    on('message', says('c'));
    emitter.emit(message(1));
    emitter.emit(message(2));
    expect(log).toEqual(['c:1', 'c:2']);
  });

  it('may remove itself during an event, and skips nobody', () => {
    const { emitter, log, says, on } = logged();
    const off = on('message', () => {
      log.push('self');
      off();
    });
    on('message', says('b'));
    emitter.emit(message(1));
    emitter.emit(message(2));
    expect(log).toEqual(['self', 'b:1', 'b:2']);
  });
});

describe('Emitter.on() once', () => {
  it('calls a handler one time', () => {
    const { emitter, log, says, once } = logged();
    once('message', says('once'));
    once('*', says('once for all'));
    emitter.emit(ping(1));
    emitter.emit(message(2));
    emitter.emit(message(3));
    expect(log).toEqual(['once for all:1', 'once:2']);
  });

  it('removes a handler before it is called: an event of its own does not call it again', () => {
    const { emitter, log, once } = logged();
    once('message', (event) => {
      log.push(inside(event));
      emitter.emit(message(2));
    });
    emitter.emit(message(1));
    expect(log).toEqual(['1']);
  });

  it('removes a handler that throws', () => {
    const { emitter, failed, once } = logged();
    once('message', () => {
      throw new Error('once');
    });
    emitter.emit(message(1));
    emitter.emit(message(2));
    expect(failed).toEqual([[new Error('once'), '1']]);
  });

  it('can be taken back', () => {
    const { emitter, log, says, once } = logged();
    const handler = says('once');
    once('message', handler)();
    once('message', handler);
    emitter.off('message', handler);
    emitter.emit(message(1));
    expect(log).toEqual([]);
  });
});

describe('Emitter.off()', () => {
  it('removes a handler as often as it was added', () => {
    const { emitter, log, says, on } = logged();
    const twice = says('twice');
    on('message', twice);
    on('message', says('b'));
    on('message', twice);
    emitter.off('message', twice);
    emitter.emit(message(1));
    expect(log).toEqual(['b:1']);
  });

  it('without a handler removes all of that event, and of no other', () => {
    const { emitter, log, says, on } = logged();
    on('message', says('a'));
    on('message', says('b'));
    on('ping', says('ping'));
    on('*', says('all'));
    emitter.off('message', undefined);
    emitter.emit(message(1));
    emitter.emit(ping(2));
    expect(log).toEqual(['all:1', 'ping:2', 'all:2']);
    emitter.off('*', undefined);
    emitter.emit(ping(3));
    expect(log.slice(3)).toEqual(['ping:3']);
  });

  it('does nothing for a handler that is not there', () => {
    const { emitter, log, says, on } = logged();
    on('message', says('a'));
    emitter.off('message', says('a'));
    emitter.off('ping', undefined);
    emitter.emit(message(1));
    expect(log).toEqual(['a:1']);
  });

  it('lets a handler be added again', () => {
    const { emitter, log, says, on } = logged();
    const handler = says('a');
    on('message', handler);
    emitter.off('message', handler);
    on('message', handler);
    emitter.emit(message(1));
    expect(log).toEqual(['a:1']);
  });
});

describe('Emitter.on() with a signal', () => {
  it('removes the handler when it is aborted, during an event too', () => {
    const { emitter, log, says, on } = logged();
    const controller = new AbortController();
    on('message', (event) => inside(event) === '2' && controller.abort());
    on('message', says('a'), { signal: controller.signal });
    emitter.emit(message(1));
    emitter.emit(message(2));
    emitter.emit(message(3));
    expect(log).toEqual(['a:1']);
  });

  it('never adds a handler where it is aborted already', () => {
    const { emitter, log, says, on } = logged();
    const off = on('message', says('a'), { signal: AbortSignal.abort() });
    emitter.emit(message(1));
    off();
    expect(log).toEqual([]);
  });

  it.each(['off', 'emitter.off', 'once'])('lets go of it after %s', (how) => {
    const { emitter, says } = logged();
    const listeners = new Set<() => void>();
    const signal = {
      aborted: false,
      addEventListener: (_type: 'abort', listener: () => void) => void listeners.add(listener),
      removeEventListener: (_type: 'abort', listener: () => void) =>
        void listeners.delete(listener),
    };
    const handler = says('a');
    const off = emitter.on('message', handler, { signal }, how === 'once');
    expect(listeners.size).toBe(1);
    if (how === 'off') off();
    if (how === 'emitter.off') emitter.off('message', handler);
    if (how === 'once') emitter.emit(message(1));
    expect(listeners.size).toBe(0);
  });
});

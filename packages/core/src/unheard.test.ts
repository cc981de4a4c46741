import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { bench, type Bench } from '../test/test-kit.js';
import { JetSocketError } from './errors.js';
import type { JetSocketEvent } from './events.js';
import type { Options } from './options.js';
import { Unheard } from './unheard.js';

let written: MockInstance<(...what: unknown[]) => void>;

beforeEach(() => {
  written = vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  written.mockRestore();
});

const codes = (): unknown[] =>
  written.mock.calls.map(([, error]) => error instanceof JetSocketError && error.code);

/** A client that nobody listens to. */
async function alone(options: Options = {}): Promise<Bench> {
  const made = bench(options);
  made.socket.off('*');
  void made.socket.connect();
  await made.clock.advance(20);
  return made;
}

const fail = (): never => {
  throw new Error('a bug');
};

describe('an error that nobody listens for', () => {
  it('in a handler, is written to the console: the first of each code, with its cause', async () => {
    const made = await alone();
    made.socket.on('message', fail);
    for (let n = 0; n < 3; n++) made.link().deliver('1');
    await made.clock.advance(10);
    expect(written.mock.calls).toEqual([
      [
        "JetSocket: nobody listens to 'error'. The first HANDLER_FAILED:",
        expect.objectContaining({
          message: "A handler of 'message' failed: a bug",
          cause: expect.objectContaining({ message: 'a bug' }) as unknown,
        }),
      ],
    ]);
  });

  it('in a handler whose promise rejects, and in one of error itself', async () => {
    const late = await alone();
    late.socket.on('message', async () => Promise.reject(new Error('later')));
    late.link().deliver('1');
    await late.clock.advance(10);
    const own = await alone();
    own.socket.on('error', fail);
    own.link().deliver('no JSON');
    await own.clock.advance(10);
    expect(codes()).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED']);
  });

  it('in a function among the options', async () => {
    const made = await alone({ buffer: { ackOf: fail } });
    made.link().deliver('1');
    await made.clock.advance(10);
    expect(codes()).toEqual(['HOOK_FAILED']);
  });

  it('is written to nobody when it is the network', async () => {
    const made = await alone();
    made.link().deliver('no JSON');
    made.link().cut();
    await made.clock.advance(100);
    expect(codes()).toEqual([]);
  });
});

describe('an error in a handler is not written when', () => {
  it.each(['error', '*'] as const)('%s is listened to', async (type) => {
    const made = await alone();
    const heard: unknown[] = [];
    const hear = (event: JetSocketEvent): void => {
      if (event.type === 'error') heard.push(event.code);
    };
    if (type === '*') made.socket.on(type, hear);
    else made.socket.on(type, hear);
    made.socket.on('message', fail);
    made.link().deliver('1');
    await made.clock.advance(10);
    expect(heard).toContain('HANDLER_FAILED');
    expect(codes()).toEqual([]);
  });

  it('there is a logger', async () => {
    const lines: string[] = [];
    const tell = (_: object, message: string): void => void lines.push(message);
    const made = await alone({ logger: { warn: tell, error: tell } });
    made.socket.on('message', fail);
    made.link().deliver('1');
    await made.clock.advance(10);
    expect(lines).toContain("A handler of 'message' failed: a bug");
    expect(codes()).toEqual([]);
  });
});

it('a logger that takes errors alone is told of it as one', async () => {
  const lines: string[] = [];
  const made = await alone({ logger: { error: (_, message) => void lines.push(message) } });
  made.socket.on('message', fail);
  made.socket.on('closed', fail);
  made.link().deliver('1');
  await made.clock.advance(10);
  void made.socket.close();
  await made.clock.advance(100);
  expect(lines).toEqual([
    "A handler of 'message' failed: a bug",
    "A handler of 'closed' failed: a bug",
  ]);
  expect(codes()).toEqual([]);
});

it('a console that fails harms nothing', () => {
  const unheard = new Unheard(fail);
  expect(() => {
    unheard.tell(new JetSocketError('HANDLER_FAILED', 'a bug'));
  }).not.toThrow();
});

it('a runtime without a console is no harm', async () => {
  vi.stubGlobal('console', undefined);
  const made = await alone();
  made.socket.on('message', fail);
  made.link().deliver('1');
  await made.clock.advance(10);
  vi.unstubAllGlobals();
  expect(made.socket.state).toBe('connected');
});

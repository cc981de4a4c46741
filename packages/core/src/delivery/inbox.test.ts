import { describe, expect, it } from 'vitest';
import { json, text } from '../codec.js';
import { JetSocketError } from '../errors.js';
import type { FrameData } from '../ports.js';
import { LATER } from './exchange.js';
import { Inbox, type InboxConfig, type Turns } from './inbox.js';

interface Answer {
  readonly op?: string;
  readonly ack?: number;
}

/** What is passed on of these frames, in order: who, and what. */
function receive(
  config: Partial<InboxConfig<unknown>>,
  frames: readonly FrameData[],
): { readonly log: unknown[]; readonly errors: JetSocketError[] } {
  const log: unknown[] = [];
  const errors: JetSocketError[] = [];
  const whole = {
    codec: json,
    maxMessageBytes: 1_000,
    isPong: undefined,
    ackOf: undefined,
    ...config,
  };
  const inbox = new Inbox<unknown>(whole, {
    message: (message) => log.push(['message', message]),
    pong: (message) => log.push(['pong', message]),
    completion: () => () => log.push(['done']),
    takeBytes: () => 0,
    giveBytes: () => undefined,
    overflow: () => log.push(['overflow']),
    acknowledge(id) {
      log.push(['acknowledge', id]);
      return typeof id === 'number' && id <= 5;
    },
    error(error) {
      errors.push(error);
      log.push(['error', error.code]);
    },
    oversized(error) {
      errors.push(error);
      log.push(['error', error.code]);
    },
  });
  for (const frame of frames) inbox.receive(frame);
  return { log, errors };
}

const isPong = (message: unknown): boolean => (message as Answer).op === 'pong';
const ackOf = (message: unknown): number | undefined => (message as Answer).ack;
const fail = (): never => {
  throw new Error('no idea');
};

type Row = readonly [
  name: string,
  config: Partial<InboxConfig<unknown>>,
  frames: FrameData[],
  log: unknown[],
];

// prettier-ignore
const rows: readonly Row[] = [
  ['passes messages on, decoded, in order', {}, ['{"a":1}', 'null', '"x"'],
    [['message', { a: 1 }], ['message', null], ['message', 'x']]],
  ['passes bytes on', { codec: { encode: fail, decode: (data) => data.length } }, [new Uint8Array(3)], [['message', 3]]],
  ['tells of a message that cannot be decoded, and takes the next', {}, ['{', '1'], [['error', 'UNDECODABLE'], ['message', 1]]],
  ['tells of a binary frame where the codec wants text', {}, [new Uint8Array(1), '1'], [['error', 'UNDECODABLE'], ['message', 1]]],
  ['tells of a message that is too large, and takes the next', { codec: text, maxMessageBytes: 3 }, ['aaaa', 'aaa'],
    [['error', 'MESSAGE_TOO_LARGE'], ['message', 'aaa']]],
  ['measures bytes, not UTF-16 units', { codec: text, maxMessageBytes: 3 }, ['ää', '€', 'ä€'],
    [['error', 'MESSAGE_TOO_LARGE'], ['message', '€'], ['error', 'MESSAGE_TOO_LARGE']]],
  ['measures a binary message', { codec: { encode: fail, decode: (data) => data.length }, maxMessageBytes: 3 },
    [new Uint8Array(4), new Uint8Array(3)],
    [['error', 'MESSAGE_TOO_LARGE'], ['message', 3]]],
  ['does not decode what is too large', { codec: { encode: fail, decode: fail }, maxMessageBytes: 1 }, ['aa'],
    [['error', 'MESSAGE_TOO_LARGE']]],
  ['takes a pong out of the messages', { isPong }, ['{"op":"pong"}', '{"op":"x"}'], [['pong', { op: 'pong' }], ['message', { op: 'x' }]]],
  ['does not ask a pong what it acknowledges', { isPong, ackOf }, ['{"op":"pong","ack":1}'], [['pong', { op: 'pong', ack: 1 }]]],
  ['takes no other answer than true for a pong', { isPong: (() => 'yes') as never }, ['1'], [['message', 1]]],
  ['tells what a message acknowledges, before it', { ackOf }, ['{"ack":5}'], [['acknowledge', 5], ['message', { ack: 5 }]]],
  ['acknowledges nothing where ackOf returns undefined', { ackOf }, ['{}'], [['message', {}]]],
  ['acknowledges nothing where ackOf returns null', { ackOf }, ['{"ack":null}'], [['message', { ack: null }]]],
  ['passes 0 on as an acknowledgement', { ackOf }, ['{"ack":0}'], [['acknowledge', 0], ['message', { ack: 0 }]]],
  ['tells of an acknowledgement that cannot be, and passes the message on', { ackOf }, ['{"ack":6}', '{"ack":1}'],
    [['acknowledge', 6], ['error', 'INVALID_ACK'], ['message', { ack: 6 }], ['acknowledge', 1], ['message', { ack: 1 }]]],
  ['takes a message for no pong where isPong throws', { isPong: fail }, ['1', '2'],
    [['error', 'HOOK_FAILED'], ['message', 1], ['error', 'HOOK_FAILED'], ['message', 2]]],
  ['passes a message on where ackOf throws', { ackOf: fail }, ['1'], [['error', 'HOOK_FAILED'], ['message', 1]]],
  ['tells of both where both throw', { isPong: fail, ackOf: fail }, ['1'],
    [['error', 'HOOK_FAILED'], ['error', 'HOOK_FAILED'], ['message', 1]]],
];

describe('Inbox.receive()', () => {
  it.each(rows)('%s', (_name, config, frames, log) => {
    expect(receive(config, frames).log).toEqual(log);
  });

  // prettier-ignore
  it.each<readonly [Partial<InboxConfig<unknown>>, string, message: string, hint: string, hasCause: boolean]>([
    [{}, '{', 'Cannot decode a message: ', 'json', true],
    [{ maxMessageBytes: 2 }, '"€"', 'A message of 5 bytes came and was not delivered: maxMessageBytes is 2', 'maxMessageBytes', false],
    [{ isPong: fail }, '1', 'heartbeat.isPong threw: no idea', 'heartbeat.isPong', true],
    [{ ackOf: fail }, '1', 'buffer.ackOf threw: no idea', 'buffer.ackOf', true],
    [{ ackOf }, '{"ack":9}', 'buffer.ackOf returned 9, which is no message', 'Delivery', false],
  ])('says what was wrong, and what to do: %j %s', (config, frame, message, hint, hasCause) => {
    const { errors } = receive(config, [frame]);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain(message);
    expect(errors[0]?.hint).toContain(hint);
    expect(errors[0]?.cause !== undefined).toBe(hasCause);
  });

  it('survives an acknowledgement that cannot be shown', () => {
    const frame = '{"ack":{"toString":null}}';
    const { errors } = receive({ ackOf }, [frame]);
    expect(errors[0]?.message).toContain('buffer.ackOf returned an object');
  });

  it('names what is no Error where it is thrown', () => {
    const decode = (): never => {
      throw 'out of cheese'; // eslint-disable-line @typescript-eslint/only-throw-error -- people do
    };
    const { errors } = receive({ codec: { encode: fail, decode } }, ['1']);
    expect(errors[0]?.message).toBe("Cannot decode a message: 'out of cheese'");
    expect(errors[0]?.cause).toBe('out of cheese');
  });
});

/** An inbox whose codec answers with promises, as short texts; they settle when they are told to. */
class Slow {
  readonly log: string[] = [];
  readonly inbox: Inbox<unknown>;
  /** What the application says of a message. */
  outcome: unknown = undefined;
  room = true;
  readonly #takes: ((value: unknown) => void)[] = [];
  readonly #fails: ((thrown: unknown) => void)[] = [];

  constructor(config: Partial<InboxConfig<unknown>> = {}) {
    const turns: Turns = {
      isWaiting: false,
      add: (promise, length, take) => {
        // What is too large rejects; the tests say themselves what comes of each.
        promise.then(undefined, () => undefined);
        if (!this.room) return false;
        Object.assign(turns, { isWaiting: true });
        this.log.push(`waits, ${length}`);
        this.#takes.push((value) => take({ isFulfilled: true, value }));
        this.#fails.push((thrown) => take({ isFulfilled: false, thrown }));
        return true;
      },
    };
    const decode = (data: FrameData): unknown => {
      this.log.push(`decodes ${String(data)}`);
      return data === 'now' ? data : Promise.resolve(data);
    };
    this.inbox = new Inbox<unknown>(
      {
        codec: { encode: fail, decode },
        ...{ maxMessageBytes: 30, isPong: undefined, ackOf: undefined },
        ...config,
      },
      {
        message: (message, seq, isReplayed) => {
          this.log.push(`${String(message)}, ${seq}${isReplayed ? ' again' : ''}`);
          return this.outcome;
        },
        pong: (message) => void this.log.push(`pong ${String(message)}`),
        completion: (seq) => () => void this.log.push(`done with ${seq}`),
        takeBytes: () => 7,
        giveBytes: (bytes) => void this.log.push(`gives ${bytes}`),
        overflow: () => void this.log.push('overflow'),
        acknowledge: () => true,
        error: ({ code, message }) => void this.log.push(`${code}: ${message}`),
        oversized: ({ code }, seq) => {
          this.log.push(`${code}, ${seq}`);
          return this.outcome;
        },
      },
      turns,
    );
  }

  /** The first that waits has been decoded. */
  take(value: unknown): void {
    this.#fails.shift();
    this.#takes.shift()?.(value);
  }

  /** The first that waits could not be. */
  fail(thrown: unknown): void {
    this.#takes.shift();
    this.#fails.shift()?.(thrown);
  }

  look(): string[] {
    return this.log.splice(0);
  }
}

describe('Inbox of a codec that answers with promises', () => {
  it.each([
    [undefined, ['gives 7', 'MESSAGE_TOO_LARGE, 6', 'done with 6']],
    [LATER, ['gives 7', 'MESSAGE_TOO_LARGE, 6']],
  ])('is done with what is too large unless it is told otherwise: %s', (outcome, log) => {
    const slow = new Slow();
    slow.inbox.receive('hello', 5);
    slow.inbox.receive('x'.repeat(31), 6);
    slow.take('HELLO');
    slow.look();
    slow.outcome = outcome;
    slow.fail(new JetSocketError('MESSAGE_TOO_LARGE', 'too large'));
    expect(slow.look()).toEqual(log);
    expect(new Slow().inbox.receive('x'.repeat(31), 7)).toBe(undefined);
  });

  it('waits, passes the message on, and is done with it', () => {
    const slow = new Slow();
    expect(slow.inbox.receive('hello', 5, true)).toBe(LATER);
    expect(slow.look()).toEqual(['decodes hello', 'waits, 5']);
    slow.take('HELLO');
    expect(slow.look()).toEqual(['gives 7', 'HELLO, 5 again', 'done with 5']);
  });

  it('passes on at once what is no promise', () => {
    const slow = new Slow();
    expect(slow.inbox.receive('now')).toBeUndefined();
    expect(slow.look()).toEqual(['decodes now', 'now, null']);
  });

  it('says what the application says of it: it may not be done with it yet', () => {
    const slow = new Slow();
    slow.outcome = LATER;
    expect(slow.inbox.receive('now')).toBe(LATER);
    slow.inbox.receive('later', 2);
    slow.look();
    slow.take('later');
    expect(slow.look()).toEqual(['gives 7', 'later, 2']);
  });

  it('takes nothing out of turn, whatever the codec makes of it', async () => {
    const slow = new Slow();
    slow.inbox.receive('first');
    expect(slow.inbox.receive('now', 6, false)).toBe(LATER);
    expect(slow.look()).toEqual(['decodes first', 'waits, 5', 'decodes now', 'waits, 3']);
    for (const message of ['first', 'now']) slow.take(message);
    expect(slow.look().filter((line) => line !== 'gives 7')).toEqual([
      'first, null',
      'done with null',
      'now, 6',
      'done with 6',
    ]);
    await Promise.resolve();
  });

  it('tells of what cannot be decoded, and is done with it', () => {
    const slow = new Slow();
    slow.inbox.receive('x', 3);
    slow.look();
    slow.fail(new Error('no idea'));
    expect(slow.look()).toEqual([
      'gives 7',
      'UNDECODABLE: Cannot decode a message: no idea',
      'done with 3',
    ]);
  });

  it('measures what waits behind others, too, and says why it is not delivered', async () => {
    const promises: PromiseLike<unknown>[] = [];
    const errors: string[] = [];
    const turns: Turns = {
      isWaiting: true,
      add: (promise, _length, take) => {
        promises.push(
          promise.then(
            (value) => take({ isFulfilled: true, value }),
            (thrown: unknown) => take({ isFulfilled: false, thrown }),
          ),
        );
        return true;
      },
    };
    const outlet = {
      ...{ message: (message: unknown) => errors.push(String(message)), pong: fail },
      ...{ completion: () => () => undefined, takeBytes: () => 0, giveBytes: () => undefined },
      ...{ overflow: fail, acknowledge: () => true },
      error: ({ code, message }: JetSocketError) => void errors.push(`${code}: ${message}`),
      oversized: ({ code, message }: JetSocketError) => void errors.push(`${code}: ${message}`),
    };
    const codec = { encode: fail, decode: (data: FrameData) => data };
    const inbox = new Inbox<unknown>(
      { codec, maxMessageBytes: 3, isPong: undefined, ackOf: undefined },
      outlet,
      turns,
    );
    for (const frame of ['€', 'aaa', 'ä€', new Uint8Array(4)]) inbox.receive(frame);
    await Promise.all(promises);
    expect(errors).toEqual([
      '€',
      'aaa',
      'MESSAGE_TOO_LARGE: A message of 5 bytes came and was not delivered: maxMessageBytes is 3',
      'MESSAGE_TOO_LARGE: A message of 4 bytes came and was not delivered: maxMessageBytes is 3',
    ]);
  });

  it('takes no other error of ours for one about the size', () => {
    const slow = new Slow();
    slow.inbox.receive('x');
    slow.look();
    slow.fail(new JetSocketError('NOT_SERIALIZABLE', 'not that'));
    expect(slow.look()[1]).toBe('UNDECODABLE: Cannot decode a message: not that');
  });

  it('tells when there is no room', () => {
    const slow = new Slow();
    slow.room = false;
    expect(slow.inbox.receive('x')).toBe(LATER);
    expect(slow.look()).toEqual(['decodes x', 'overflow']);
  });

  it('takes a pong that was decoded after its connection had gone for none, and for no message', () => {
    const slow = new Slow({ isPong: () => true });
    for (const isStale of [false, true]) {
      slow.inbox.receive('x');
      slow.look();
      if (isStale) slow.inbox.disconnected();
      slow.take('x');
      expect(slow.look()).toEqual(
        isStale ? ['gives 7', 'done with null'] : ['gives 7', 'pong x', 'done with null'],
      );
    }
  });
});

it('Inbox takes whatever one of our codecs returns for the message: they return no promises', () => {
  const turns: Turns = { isWaiting: true, add: fail };
  const seen: unknown[] = [];
  const outlet = {
    ...{ pong: fail, completion: fail, takeBytes: fail, giveBytes: fail, overflow: fail },
    ...{
      acknowledge: fail,
      error: fail,
      oversized: fail,
      message: (message: unknown) => seen.push(message),
    },
  };
  const config = { codec: json, maxMessageBytes: 30, isPong: undefined, ackOf: undefined };
  new Inbox<unknown>(config, outlet, turns).receive('1');
  expect(seen).toEqual([1]);
});

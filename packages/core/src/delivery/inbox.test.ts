import { describe, expect, it } from 'vitest';
import { json, text } from '../codec.js';
import type { JetSocketError } from '../errors.js';
import type { FrameData } from '../ports.js';
import { Inbox, type InboxConfig } from './inbox.js';

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

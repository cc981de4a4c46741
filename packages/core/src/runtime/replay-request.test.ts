import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import type { Link } from '../ports.js';
import { askForReplay, type ReplayRequest } from './replay-request.js';

type Asks = ReplayRequest<unknown, unknown>['requestReplay'];

interface Asked {
  /** What was sent and told so far. */
  readonly log: string[];
  readonly giveUp: () => void;
}

/** Asks that function, with a codec that may answer with a promise. */
function asking(
  requestReplay: Asks,
  encode: (message: unknown) => string | Promise<string> = String,
): Asked {
  const log: string[] = [];
  const link: Link = {
    bufferedBytes: 0,
    send: (data) => log.push(`sent ${String(data)}`) > 0,
    close: () => undefined,
    abandon: () => undefined,
  };
  const giveUp = askForReplay<unknown, unknown>({
    requestReplay,
    codec: { encode, decode: (data) => data },
    link,
    lastId: 7,
    epoch: 'a',
    attempt: 2,
    onError: ({ code, message }) => void log.push(`${code} ${message}`),
    onDone: () => void log.push('done'),
  });
  return { log, giveUp };
}

const FAILED = 'HOOK_FAILED replay.requestReplay failed: no';
const refuse = (): never => {
  throw new Error('no');
};
const late = (message: unknown): Promise<string> => Promise.resolve(String(message));

describe('askForReplay()', () => {
  it('is done at once where nothing is to be asked', () => {
    expect(asking(undefined).log).toEqual(['done']);
    asking(undefined).giveUp();
  });

  it('tells where it stands, and sends what it is answered', () => {
    const { log } = asking((lastId, { epoch, attempt, signal }) => [
      ...[lastId, epoch, attempt, signal.aborted],
    ]);
    expect(log).toEqual(['sent 7,a,2,false', 'done']);
  });

  it('sends nothing where the answer is nothing', () => {
    expect(asking(() => undefined).log).toEqual(['done']);
  });

  it('sends what is said meanwhile, first', () => {
    const { log } = asking((_lastId, { send }) => {
      send('a');
      send('b');
      return 'c';
    });
    expect(log).toEqual(['sent a', 'sent b', 'sent c', 'done']);
  });

  it('waits for promises, of the function and of the codec', async () => {
    const { log } = asking(async (_lastId, { send }) => {
      send('a');
      return Promise.resolve('b');
    }, late);
    expect(log).toEqual([]);
    await settle();
    expect(log).toEqual(['sent a', 'sent b', 'done']);
  });

  it.each<readonly [string, Asks, typeof late | undefined]>([
    ['throws', refuse, undefined],
    ['promises, and does not keep it', () => Promise.reject(new Error('no')), undefined],
    ['says what cannot be encoded', () => 'x', refuse],
    ['says what cannot be encoded in the end', () => 'x', () => Promise.reject(new Error('no'))],
  ])('tells where the function %s, and is done', async (_name, requestReplay, encode) => {
    const { log } = asking(requestReplay, encode);
    await settle();
    expect(log).toEqual([FAILED, 'done']);
  });

  it('sends what was said meanwhile, however long the codec takes, and is done then', async () => {
    const { log } = asking((_lastId, { send }) => send('a'), late);
    await settle();
    expect(log).toEqual(['sent a', 'done']);
  });

  it('sends what is said later, as long as there is the connection', () => {
    let later: (message: string) => void = () => undefined;
    const { log, giveUp } = asking((_lastId, { send }) => void (later = send));
    later('a');
    giveUp();
    later('b');
    expect(log).toEqual(['done', 'sent a']);
  });

  it('tells of what was said meanwhile and cannot be encoded in the end', async () => {
    const { log } = asking(
      (_lastId, { send }) => send('x'),
      () => Promise.reject(new Error('no')),
    );
    await settle();
    expect(log).toEqual([FAILED, 'done']);
  });

  it('that is given up is aborted, and nothing follows', async () => {
    let isAborted = false;
    const { log, giveUp } = asking(async (_lastId, { signal, send }) => {
      signal.addEventListener('abort', () => (isAborted = true));
      await settle();
      send('a');
      return 'b';
    });
    giveUp();
    giveUp();
    await settle();
    await settle();
    expect([isAborted, log]).toEqual([true, []]);
  });

  it('that is given up while the codec works sends nothing of it', async () => {
    const { log, giveUp } = asking(() => 'a', late);
    giveUp();
    await settle();
    expect(log).toEqual([]);
  });

  it('that is given up tells of no failure', async () => {
    const { log, giveUp } = asking(() => Promise.reject(new Error('no')));
    giveUp();
    await settle();
    expect(log).toEqual([]);
  });

  it('that is done is aborted all the same when the connection is gone', () => {
    let signal: { readonly aborted: boolean } | undefined;
    const { giveUp } = asking((_lastId, context) => void ({ signal } = context));
    expect(signal?.aborted).toBe(false);
    giveUp();
    expect(signal?.aborted).toBe(true);
  });
});

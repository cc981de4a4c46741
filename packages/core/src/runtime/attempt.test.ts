import { FakeClock, settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import type { End } from '../machine/input.js';
import type { AttemptContext, Provider, Url } from '../options.js';
import type { LinkClosed, LinkListener, OpenRequest } from '../ports.js';
import { Attempt, type AttemptConfig } from './attempt.js';
import type { AttemptFacts } from './providers.js';

const URL_GIVEN = 'wss://ada:secret@example.com/ws';
const LOST: LinkClosed = { code: 1006, reason: '', wasClean: false };

interface Given {
  readonly url?: Provider<Url>;
  readonly config?: Partial<AttemptConfig>;
  readonly baseUrl?: () => string | undefined;
  /** Thrown by the transport. */
  readonly refusal?: Error;
}

interface Trial {
  readonly clock: FakeClock;
  readonly attempt: Attempt;
  /** What the attempt says and what it asks of the transport and the link, in order. */
  readonly log: string[];
  readonly ends: End[];
  readonly requests: OpenRequest[];
  /** What the transport reports. */
  readonly report: LinkListener;
}

/** What functions are told where nothing is numbered. */
const facts = (attempt: number): AttemptFacts => ({
  attempt,
  lastSequenceId: undefined,
  unauthorized: false,
  epoch: undefined,
});

/** An attempt over a transport that does nothing by itself. */
function trial({ url = URL_GIVEN, config, baseUrl, refusal }: Given = {}): Trial {
  const log: string[] = [];
  const ends: End[] = [];
  const requests: OpenRequest[] = [];
  const listeners: LinkListener[] = [];
  const link = {
    send: () => true,
    close: (code: number, reason: string) => void log.push(`link closes ${code} ${reason}`),
    abandon: () => void log.push('link is abandoned'),
    bufferedBytes: 0,
  };
  const transport = {
    takesHeaders: true,
    ...(baseUrl && { baseUrl }),
    open(request: OpenRequest, listener: LinkListener) {
      requests.push(request);
      if (refusal !== undefined) throw refusal;
      log.push('link is opened');
      listeners.push(listener);
      return link;
    },
  };
  const clock = new FakeClock();
  const replay = { mode: 'full_buffer' } as const;
  const limits = { maxMessageBytes: 100, closeTimeoutMs: 50, replay };
  const whole = { protocols: [], headers: {}, transport, clock, ...limits, ...config };
  const of = (epoch: number): string => (epoch === 7 ? '' : ` of ${epoch}`);
  const attempt = new Attempt(7, url, whole, {
    onPrepared: (epoch, uri) => log.push(`prepared ${uri}${of(epoch)}`),
    onOpen: (epoch, protocol, opened) =>
      log.push(`open ${protocol} ${opened === link}${of(epoch)}`),
    onMessage: (data) => log.push(`message ${String(data)}`),
    onPong: (payload) => log.push(`pong ${payload}`),
    onEnded(epoch, end) {
      expect(epoch).toBe(7);
      ends.push(end);
      log.push(`ended ${end.cause}`);
    },
  });
  const newest = (): LinkListener => {
    const listener = listeners.at(-1);
    if (listener === undefined) throw new Error('Nothing was opened');
    return listener;
  };
  const report: LinkListener = {
    onOpen: (protocol) => newest().onOpen(protocol),
    onMessage: (data) => newest().onMessage(data),
    onPong: (payload) => newest().onPong(payload),
    onClose: (closed) => newest().onClose(closed),
  };
  return { clock, attempt, log, ends, requests, report };
}

/** The same, connecting or open, with nothing in the log. */
function begun(isOpen: boolean, given: Given = {}): Trial {
  const made = trial(given);
  made.attempt.prepare(facts(0));
  made.attempt.open();
  if (isOpen) made.report.onOpen('');
  made.log.length = 0;
  return made;
}

const fail = (): never => {
  throw new Error('no token');
};

describe('Attempt.prepare()', () => {
  it('tells the address at once, without credentials, and opens nothing yet', () => {
    const { attempt, log } = trial();
    attempt.prepare(facts(0));
    expect(log).toEqual(['prepared wss://example.com/ws']);
  });

  it('waits for functions, and tells them which attempt it is', async () => {
    const contexts: AttemptContext[] = [];
    const { attempt, log } = trial({
      url: async (context) => {
        contexts.push(context);
        return 'wss://example.com/later';
      },
    });
    attempt.prepare(facts(4));
    expect(log).toEqual([]);
    await settle();
    expect(log).toEqual(['prepared wss://example.com/later']);
    expect(contexts.map(({ attempt }) => attempt)).toEqual([4]);
  });

  it('takes an address that is relative to the page', () => {
    const { attempt, log } = trial({ url: '/ws', baseUrl: () => 'https://example.com/app/' });
    attempt.prepare(facts(0));
    expect(log).toEqual(['prepared wss://example.com/ws']);
  });

  // prettier-ignore
  it.each<readonly [name: string, given: Given, message: string]>([
    ['a URL function that throws', { url: fail }, 'no token'],
    ['a URL function that rejects', { url: async () => fail() }, 'no token'],
    ['a URL function that returns none', { url: (() => undefined) as never }, 'Cannot use option url: it got undefined'],
    ['a URL function that returns another scheme', { url: () => 'ftp://example.com' }, "the scheme 'ftp:'"],
    ['a relative URL where there is no page', { url: '/ws' }, "Cannot use option url: it got '/ws'"],
    ['a page whose address cannot be had', { url: '/ws', baseUrl: fail }, 'no token'],
    ['a protocols function that throws', { config: { protocols: fail } }, 'no token'],
    ['a protocols function that returns no token', { config: { protocols: () => 'a b' } }, 'Cannot use option protocols'],
    ['a headers function that rejects', { config: { headers: async () => fail() } }, 'no token'],
    ['a headers function that returns no strings', { config: { headers: () => ({ a: 1 }) as never } }, 'Cannot use option headers.a'],
  ])('ends it with provider_failed, to be tried again: %s', async (_name, given, message) => {
    const { attempt, ends, requests } = trial(given);
    attempt.prepare(facts(0));
    await settle();
    attempt.open();
    expect(ends).toEqual([
      {
        ...LOST,
        cause: 'provider_failed',
        error: expect.objectContaining({ message: expect.stringContaining(message) as string }) as Error,
        hopeless: false,
      },
    ]);
    expect(requests).toEqual([]);
  });

  it('makes an Error of what is thrown and is none', () => {
    const { attempt, ends } = trial({
      url: () => {
        throw 'no token'; // eslint-disable-line @typescript-eslint/only-throw-error -- people do
      },
    });
    attempt.prepare(facts(0));
    expect(ends[0]?.error).toEqual(new Error("'no token'"));
  });

  it.each(['abandon', 'discard'] as const)('%s() while it waits aborts the signal', async (way) => {
    const signals: AttemptContext['signal'][] = [];
    const { attempt, log } = trial({
      url: ({ signal }) => {
        signals.push(signal);
        return new Promise<string>(() => undefined);
      },
    });
    attempt.prepare(facts(0));
    attempt[way]();
    attempt.open();
    await settle();
    expect([signals.map(({ aborted }) => aborted), log]).toEqual([[true], []]);
  });

  it('ignores an answer that comes after it was given up', async () => {
    const { attempt, log } = trial({ url: async () => URL_GIVEN });
    attempt.prepare(facts(0));
    attempt.abandon();
    await settle();
    expect(log).toEqual([]);
  });
});

describe('Attempt.open()', () => {
  it('asks the transport with all that was answered', async () => {
    const { attempt, log, requests } = trial({
      config: { protocols: async () => 'v1', headers: () => ({ 'X-A': '1' }) },
    });
    attempt.prepare(facts(0));
    await settle();
    attempt.open();
    expect(requests).toEqual([
      { url: URL_GIVEN, protocols: ['v1'], headers: { 'X-A': '1' }, maxMessageBytes: 100 },
    ]);
    expect(log).toEqual(['prepared wss://example.com/ws', 'link is opened']);
  });

  it.each([
    [
      ['v2', 'v1'],
      ['v2', 'v1'],
    ],
    [[], []],
  ])('offers the protocols %j', (protocols, offered) => {
    const { attempt, requests } = trial({ config: { protocols } });
    attempt.prepare(facts(0));
    attempt.open();
    expect(requests[0]?.protocols).toEqual(offered);
  });

  it('does nothing before it is prepared', () => {
    const { attempt, requests } = trial();
    attempt.open();
    expect(requests).toEqual([]);
  });

  it('does nothing after it was given up', () => {
    const { attempt, requests } = trial();
    attempt.prepare(facts(0));
    attempt.discard();
    attempt.open();
    expect(requests).toEqual([]);
  });

  it('ends without hope where the transport throws', () => {
    const refusal = new Error('no WebSocket here');
    const { attempt, ends, log } = trial({ refusal });
    attempt.prepare(facts(0));
    attempt.open();
    expect(ends).toEqual([{ ...LOST, cause: 'connect_failed', error: refusal, hopeless: true }]);
    expect(log).toEqual(['prepared wss://example.com/ws', 'ended connect_failed']);
  });

  it('ends once where the transport reports an end and throws', () => {
    const transport = {
      takesHeaders: false,
      open(_request: OpenRequest, listener: LinkListener) {
        listener.onClose(LOST);
        return fail();
      },
    };
    const { attempt, ends } = trial({ config: { transport } });
    attempt.prepare(facts(0));
    attempt.open();
    expect(ends.map(({ cause }) => cause)).toEqual(['connect_failed']);
  });

  it('passes on what the link reports', () => {
    const { attempt, log, report } = begun(false);
    expect(attempt.link).toBeUndefined();
    report.onOpen('v1');
    report.onMessage('hello');
    report.onPong('p');
    report.onPong(null);
    expect(attempt.link).toBeDefined();
    expect(log).toEqual(['open v1 true', 'message hello', 'pong p', 'pong null']);
    report.onClose({ ...LOST, code: 1001 });
    expect([attempt.link, log.at(-1)]).toEqual([undefined, 'ended closed_by_server']);
  });
});

const CLEAN: LinkClosed = { code: 1000, reason: 'bye', wasClean: true };
const error = new Error('reset');

describe('Attempt end', () => {
  // prettier-ignore
  it.each<readonly [name: string, isOpen: boolean, closed: LinkClosed, end: Partial<End>]>([
    ['connect_failed before it was open', false, { ...LOST, error }, { cause: 'connect_failed', error }],
    ['connect_failed before it was open, with a code', false, CLEAN, { cause: 'connect_failed', code: 1000 }],
    ['rejected by a status', false, { ...LOST, httpStatus: 503, retryAfterMs: 5 }, { cause: 'rejected', httpStatus: 503, retryAfterMs: 5 }],
    ['connection_lost without a close frame', true, { ...LOST, error }, { cause: 'connection_lost', error }],
    ['closed_by_server with one', true, CLEAN, { cause: 'closed_by_server', code: 1000, reason: 'bye', wasClean: true }],
    ['message_too_large', true, { ...LOST, tooLarge: true, error }, { cause: 'message_too_large', error }],
    ['message_too_large, whatever the code', true, { ...CLEAN, tooLarge: true }, { cause: 'message_too_large', code: 1000 }],
  ])('is %s', (_name, isOpen, closed, end) => {
    const { ends, report } = begun(isOpen);
    report.onClose(closed);
    const { code, reason, wasClean } = closed;
    expect(ends).toEqual([{ code, reason, wasClean, error: undefined, httpStatus: undefined, retryAfterMs: undefined, ...end }]);
  });

  // prettier-ignore
  it.each<readonly [name: string, act: (trial: Trial) => void, log: string[]]>([
    ['after its end', ({ report }) => report.onClose(LOST), ['ended connection_lost']],
    ['after abandon()', ({ attempt }) => attempt.abandon(), ['link is abandoned']],
    ['after discard()', ({ attempt }) => attempt.discard(), ['link closes 1000 ']],
  ])('%s nothing is reported any more', (_name, act, expected) => {
    const made = begun(true);
    act(made);
    made.report.onOpen('again');
    made.report.onMessage('late');
    made.report.onPong('late');
    made.report.onClose(CLEAN);
    expect([made.log, made.attempt.link]).toEqual([expected, undefined]);
  });

  it('a link that is open before open() has returned is not taken for one', () => {
    const transport = {
      takesHeaders: false,
      open(_request: OpenRequest, listener: LinkListener) {
        listener.onOpen('');
        return { send: () => true, close: fail, abandon: fail, bufferedBytes: 0 };
      },
    };
    const { attempt, log } = trial({ config: { transport } });
    attempt.prepare(facts(0));
    attempt.open();
    expect([log, attempt.link]).toEqual([['prepared wss://example.com/ws'], undefined]);
  });
});

describe('Attempt.close(), abandon() and discard()', () => {
  // prettier-ignore
  it.each<readonly [name: string, isOpen: boolean, act: (attempt: Attempt) => void, log: string[]]>([
    ['close() closes the link', true, (attempt) => attempt.close(4000, 'bye'), ['link closes 4000 bye']],
    ['abandon() lets go of the link', true, (attempt) => attempt.abandon(), ['link is abandoned']],
    ['abandon() lets go of a link that connects', false, (attempt) => attempt.abandon(), ['link is abandoned']],
    ['discard() closes an open link', true, (attempt) => attempt.discard(), ['link closes 1000 ']],
    ['discard() lets go of a link that connects', false, (attempt) => attempt.discard(), ['link is abandoned']],
    ['discard() after close() does not close again', true,
      (attempt) => { attempt.close(4000, 'bye'); attempt.discard(); }, ['link closes 4000 bye']],
    ['abandon() after close() lets go', true,
      (attempt) => { attempt.close(4000, 'bye'); attempt.abandon(); }, ['link closes 4000 bye', 'link is abandoned']],
  ])('%s', (_name, isOpen, act, log) => {
    const made = begun(isOpen);
    act(made.attempt);
    expect(made.log).toEqual(log);
  });

  it('discard() lets go of what does not end in closeTimeoutMs', async () => {
    const { attempt, clock, log } = begun(true);
    attempt.discard();
    await clock.advance(49);
    expect(log).toEqual(['link closes 1000 ']);
    await clock.advance(1);
    expect(log).toEqual(['link closes 1000 ', 'link is abandoned']);
  });

  it.each<readonly [name: string, end: (trial: Trial) => void]>([
    ['the link ends', ({ report }) => report.onClose(CLEAN)],
    ['it is abandoned', ({ attempt }) => attempt.abandon()],
  ])('discard() leaves no timer when %s', (_name, end) => {
    const made = begun(true);
    made.attempt.discard();
    expect(made.clock.pendingCount).toBe(1);
    end(made);
    expect(made.clock.pendingCount).toBe(0);
  });

  it('close() still hears the end', () => {
    const { attempt, log, report } = begun(true);
    attempt.close(1000, '');
    report.onMessage('on its way');
    report.onClose(CLEAN);
    expect(log).toEqual(['link closes 1000 ', 'message on its way', 'ended closed_by_server']);
  });

  it.each(['close', 'abandon', 'discard'] as const)('%s() without a link does nothing', (way) => {
    const { attempt, log } = trial();
    if (way === 'close') attempt.close(1000, '');
    else attempt[way]();
    expect(log).toEqual([]);
  });
});

import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import type { AttemptContext, Provider } from '../options.js';
import { afterTurn, watchRejections } from '../../test/rejections.js';
import { ask, type Outcome, type Question } from './providers.js';

type Value = string | { readonly then?: unknown } | null | undefined;
type Asked = readonly [first: Provider<Value>, second?: Provider<Value>];

/** Asks, and keeps what comes of it. */
function asked(
  [first, second = 'second']: Asked,
  attempt = 0,
): { readonly outcomes: Outcome<readonly [Value, Value]>[]; readonly question: Question } {
  const outcomes: Outcome<readonly [Value, Value]>[] = [];
  const question = ask<readonly [Value, Value]>(
    [first, second],
    { attempt, lastSequenceId: 7, epoch: 'e', unauthorized: false },
    (outcome) => outcomes.push(outcome),
  );
  return { outcomes, question };
}

const error = new Error('no token');
const fail = (): never => {
  throw error;
};

describe('ask()', () => {
  // prettier-ignore
  it.each<readonly [string, Provider<Value>, Value]>([
    ['a value', 'a', 'a'],
    ['undefined', undefined, undefined],
    ['an object that is no promise', { then: 'later' }, { then: 'later' }],
    ['what a function returns', () => 'a', 'a'],
    ['what a function returns, null too', () => null, null],
  ])('answers at once with %s', (_name, provider, value) => {
    expect(asked([provider]).outcomes).toEqual([{ ok: true, value: [value, 'second'] }]);
  });

  it('answers at once with what a function throws', () => {
    expect(asked([fail]).outcomes).toEqual([
      { ok: false, thrown: error, known: [undefined, 'second'] },
    ]);
  });

  // prettier-ignore
  it.each<readonly [string, Asked, Outcome<unknown>]>([
    ['what an async function returns', [async () => 'a'], { ok: true, value: ['a', 'second'] }],
    ['what a thenable says', [() => ({ then: (yes: (value: string) => void) => yes('a') })], { ok: true, value: ['a', 'second'] }],
    ['all, the last one included', ['a', async () => 'b'], { ok: true, value: ['a', 'b'] }],
    ['what an async function throws', [async () => fail()], { ok: false, thrown: error, known: [undefined, 'second'] }],
    ['what an async function throws, the last one included', ['a', async () => fail()],
      { ok: false, thrown: error, known: ['a', undefined] }],
    ['what an async function throws, and what the other said before', [async () => 'a', async () => settle().then(fail)],
      { ok: false, thrown: error, known: ['a', undefined] }],
  ])('answers later with %s', async (_name, providers, outcome) => {
    const { outcomes } = asked(providers);
    expect(outcomes).toEqual([]);
    await settle();
    await settle();
    expect(outcomes).toEqual([outcome]);
  });

  it('leaves no rejection to nobody where another one throws at once', async () => {
    const { unhandled, stop } = watchRejections();
    asked([async () => fail(), fail]);
    await afterTurn();
    stop();
    expect(unhandled).toEqual([]);
  });

  it('answers once where two fail', async () => {
    const { outcomes } = asked([
      async () => fail(),
      async () => Promise.reject(new Error('other')),
    ]);
    await settle();
    expect(outcomes).toEqual([{ ok: false, thrown: error, known: [undefined, undefined] }]);
  });

  it('asks all at once', async () => {
    const log: string[] = [];
    const slow = (name: string) => async () => {
      log.push(`${name} is asked`);
      await Promise.resolve();
      log.push(`${name} answers`);
      return name;
    };
    asked([slow('a'), slow('b')]);
    await settle();
    expect(log).toEqual(['a is asked', 'b is asked', 'a answers', 'b answers']);
  });

  it('tells every function which attempt it is for, and gives them one signal', () => {
    const contexts: AttemptContext[] = [];
    const look = (context: AttemptContext): string => {
      contexts.push(context);
      return 'a';
    };
    asked([look, look], 3);
    expect(contexts.map(({ attempt }) => attempt)).toEqual([3, 3]);
    expect(contexts[0]).toMatchObject({ lastSequenceId: 7, epoch: 'e' });
    expect(contexts[0]?.signal.aborted).toBe(false);
    expect(contexts[1]?.signal).toBe(contexts[0]?.signal);
  });

  it('waits for one that never answers', async () => {
    const { outcomes } = asked([() => new Promise(() => undefined)]);
    await settle();
    expect(outcomes).toEqual([]);
  });
});

describe('ask() cancelled', () => {
  it('aborts the signal, and ignores what comes', async () => {
    const signals: AttemptContext['signal'][] = [];
    let answer: (value: string) => void = () => undefined;
    const { outcomes, question } = asked([
      ({ signal }) => {
        signals.push(signal);
        return new Promise<string>((resolve) => (answer = resolve));
      },
    ]);
    question.cancel();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    answer('late');
    question.cancel();
    await settle();
    expect(outcomes).toEqual([]);
  });

  it('ignores a rejection that comes later, as of an aborted fetch', async () => {
    const { outcomes, question } = asked([
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    ]);
    question.cancel();
    await settle();
    expect(outcomes).toEqual([]);
  });

  it('does nothing after the answer', async () => {
    const signals: AttemptContext['signal'][] = [];
    const keep = ({ signal }: AttemptContext): string => {
      signals.push(signal);
      return 'a';
    };
    asked([keep]).question.cancel();
    const later = asked([async (context) => keep(context)]);
    await settle();
    later.question.cancel();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    expect(later.outcomes).toHaveLength(1);
  });
});

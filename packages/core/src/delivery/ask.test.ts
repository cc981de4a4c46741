import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { afterTurn, watchRejections } from '../../test/rejections.js';
import type { JetSocketError } from '../errors.js';
import { ask, atOnce } from './ask.js';

/** What comes of asking, and what was told. */
function asking(hook: (message: string) => unknown): readonly [unknown, JetSocketError[]] {
  const errors: JetSocketError[] = [];
  const answer = ask('buffer.ackOf', hook, 'hello', (error) => errors.push(error));
  return [answer, errors];
}

let watch: ReturnType<typeof watchRejections>;
beforeEach(() => {
  watch = watchRejections();
});
afterEach(() => watch.stop());

describe('ask()', () => {
  it('asks about the message, and takes any answer', () => {
    expect(asking((message) => message.length)).toEqual([5, []]);
    for (const answer of [undefined, null, 0, false, { then: 1 }])
      expect(asking(() => answer)).toEqual([answer, []]);
  });

  it('tells what is thrown, and takes it for no answer', () => {
    const thrown = new Error('no idea');
    const [answer, errors] = asking(() => {
      throw thrown;
    });
    expect(answer).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      code: 'HOOK_FAILED',
      message: 'buffer.ackOf threw: no idea',
      cause: thrown,
    });
    expect(errors[0]?.hint).toContain('Let buffer.ackOf answer');
  });

  it('waits for no promise, and tells so', () => {
    const [answer, errors] = asking(() => Promise.resolve(5));
    expect(answer).toBeUndefined();
    expect(errors.map(({ message }) => message)).toEqual([
      'buffer.ackOf threw: it returned a promise, and is asked for its answer at once',
    ]);
  });

  it('lets no promise that is refused end a process', async () => {
    asking(() => Promise.reject(new Error('later')));
    await afterTurn();
    expect(watch.unhandled).toEqual([]);
  });
});

describe('atOnce()', () => {
  it('lets pass what is no promise', () => {
    for (const answer of [undefined, null, 0, 'x', { then: 1 }])
      expect(atOnce(answer)).toBe(answer);
  });

  it('throws for a promise, of whatever make', () => {
    expect(() => atOnce(Promise.resolve())).toThrow(TypeError);
    expect(() => atOnce({ then: () => undefined })).toThrow(TypeError);
  });
});

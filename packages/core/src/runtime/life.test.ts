import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { JetSocketError } from '../errors.js';
import { Life } from './life.js';

const error = new JetSocketError('CLOSED', 'Cannot connect: it was closed');

/** What its promises have come to, in order. */
async function outcomes(act: (life: Life) => void): Promise<string[]> {
  const life = new Life();
  const log: string[] = [];
  life.opened.then(
    () => log.push('opened'),
    (thrown: unknown) => log.push(thrown === error ? 'not opened' : 'something else'),
  );
  void life.ended.then(() => log.push('ended'));
  act(life);
  await settle();
  return [...log, life.isOver ? 'is over' : 'is not over'];
}

describe('Life', () => {
  // prettier-ignore
  it.each<readonly [name: string, act: (life: Life) => void, outcome: string[]]>([
    ['waits', () => undefined, ['is not over']],
    ['opens', (life) => life.open(), ['opened', 'is not over']],
    ['ends', (life) => life.end(error), ['not opened', 'ended', 'is over']],
    ['opens, then ends', (life) => { life.open(); life.end(error); }, ['opened', 'ended', 'is over']],
    ['opens and ends once', (life) => { life.open(); life.open(); life.end(error); life.end(error); }, ['opened', 'ended', 'is over']],
    ['does not open after its end', (life) => { life.end(error); life.open(); }, ['not opened', 'ended', 'is over']],
  ])('%s', async (_name, act, outcome) => {
    expect(await outcomes(act)).toEqual(outcome);
  });

  it('may end without anybody looking', async () => {
    const unhandled: unknown[] = [];
    const keep = (thrown: unknown): void => void unhandled.push(thrown);
    process.on('unhandledRejection', keep);
    new Life().end(error);
    // Node tells of unhandled rejections when all microtasks have run.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', keep);
    expect(unhandled).toEqual([]);
  });
});

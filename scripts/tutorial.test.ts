/** The tutorial's server and bot, run. Its page is opened by scripts/site/e2e/tutorial.spec.ts. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../packages/jetsocket/src/index.js';
import { blocksOf } from './docs.ts';
import { follow, stop, type Tutorial } from './tutorial.ts';

interface Line {
  readonly from: string;
  readonly text: string;
}

let tutorial: Tutorial;
beforeAll(async () => {
  tutorial = await follow();
  await tutorial.start('server', tutorial.address);
});
afterAll(() => tutorial.end());

it('says all that it takes', () => {
  const kinds = blocksOf('docs/tutorial.md').map(({ language }) => language);
  expect(kinds).toEqual(['sh', 'ts', 'html', 'sh', 'ts', 'sh']);
});

it('answers once, in order, however often everybody is cut off', async () => {
  const bot = await tutorial.start('bot', 'The bot is there.');
  const answers: string[] = [];
  await using socket = connect<Line, Line>(tutorial.address.replace('http', 'ws'), {
    replay: { mode: 'session' },
    backoff: { baseMs: 10, capMs: 50 },
  });
  const all = new Promise<void>((resolve) => {
    socket.on('message', ({ data }) => {
      if (data.from === 'bot' && answers.push(data.text) === 10) resolve();
    });
  });
  await new Promise((resolve) => socket.once('connected', resolve));
  for (let asked = 0; asked < 10; asked++) {
    const delivery = socket.send({ from: 'a test', text: 'what time is it?' });
    // With nobody told, and the message maybe on its way.
    expect((await fetch(`${tutorial.address}/cut`, { method: 'POST' })).status).toBe(204);
    expect(await delivery.settled).toBe('acknowledged');
  }
  await all;
  expect(answers).toEqual([...answers].sort());
  await stop(bot);
});

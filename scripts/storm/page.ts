/** docs/storm.md. */
import type { Result, Scene } from './scenes.ts';

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export function page(scenes: readonly Scene[], plots: readonly string[]): string {
  const [{ options } = { options: undefined }] = scenes;
  if (options === undefined) throw new RangeError('Cannot make a page of no scene');
  const { clients, acceptsPerSecond, backlog, endMs, seed } = options;
  const total = number.format(clients);
  const lines = [
    '# When everybody comes back at once\n',
    `\`npm run simulate:storm\` makes this page, in virtual time: one server loses ${total} clients at the same moment.`,
    `Once it is back it accepts ${number.format(acceptsPerSecond)} connections a second; ${number.format(backlog)} more may wait,`,
    'and whoever comes on top is refused at once. A message takes 10 to 40 ms one way.',
    `JetSocket's clients are ${total} real state machines: the code and the defaults that run in every socket. The others`,
    'are the waits that their sources and defaults come to, in the versions named.\n',
    scenes.map((scene, index) => section(scene, plots[index] ?? '')).join('\n\n'),
    '',
    'Peaks are attempts that arrive within 100 ms, accepted or not. Times are from the return of the server until that share',
    `of all clients is connected; all of them at its full pace are ${number.format(clients / acceptsPerSecond)} s. A dash:`,
    `not within ${number.format(endMs / 60_000)} minutes. Seed ${seed}; equal seeds make equal tables.\n`,
    'What to see. Waits without dice keep those together who were lost together: each wave finds room for as many as may',
    'wait, and no more. Dice before a cap are no dice once the cap is reached. Four retries are used up before a server is back.',
    'JetSocket draws every wait evenly from 0 to its ceiling, after the cap, so the longer the server is away, the flatter',
    'is what meets it. That has a price: ceilings of up to 60 s let the last clients come back later than rivals do whose',
    'ceilings are lower, and the ceiling of the first wait, 1 s, lets more of them come in the first second than a first wait of up',
    'to 5 s would. `backoff.baseMs` and `backoff.capMs` move both.\n',
    MILLION,
    '`npm run simulate:storm -- --clients 1000000` looks at more of them, `--away 0,60` at other absences in seconds,',
    '`--rate 1000` at a slower server.\n',
  ];
  return lines.join('\n');
}

function section({ title, results, options }: Scene, plot: string): string {
  const rows = results.map((result) => row(result, options.clients));
  return `## ${title}

![Attempts in each 100 ms, and the share of connected clients, for every kind of client](${plot})

| client | version | peak | peak once it is back | attempts per client | at most | 50 % back | 99 % | 100 % | gave up |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}

function row({ outcome, figures }: Result, clients: number): string {
  const cells = [
    outcome.name,
    outcome.version,
    number.format(figures.peak),
    number.format(figures.peakOnReturn),
    number.format(figures.attemptsPerClient),
    number.format(figures.mostAttempts),
    seconds(figures.halfMs),
    seconds(figures.mostMs),
    seconds(figures.allMs),
    figures.givenUp === 0 ? '0' : `${number.format((figures.givenUp / clients) * 100)} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}

const seconds = (ms: number | undefined): string =>
  ms === undefined ? '–' : `${number.format(ms / 1_000)} s`;

/** Not made anew each time: it takes a while, and gigabytes. */
const MILLION = `## A million

\`npm run simulate:storm -- --clients 1000000\`, the same server, back at once: all of them at its full pace are 200 s. A million real
machines took 3.1 GB of memory at most, and the two storms some 15 minutes of one processor.

| client | peak | attempts per client | at most | 50 % back | 99 % | 100 % |
| --- | --- | --- | --- | --- | --- | --- |
| JetSocket | 146,353 | 8.1 | 19 | 100.1 s | 211.2 s | 240.1 s |
| partysocket | 1,000,000 | 50.8 | 61 | – | – | – |
| reconnecting-websocket | 42,061 | 12.7 | 30 | 101.1 s | 240.7 s | 251.5 s |
| socket.io-client | 101,173 | 23.7 | 57 | 102.7 s | 271.1 s | 281 s |
| @microsoft/signalr | 1,000,000 | 4 | 4 | – | – | – |
| centrifuge | 199,644 | 13.6 | 34 | 100.6 s | 199.9 s | 213.3 s |

After 30 s away, the peak within 100 ms once the server is back is 4,485 of JetSocket, 9,486 of centrifuge, 13,597 of
reconnecting-websocket, 32,224 of socket.io-client, and 823,660 of partysocket.
`;

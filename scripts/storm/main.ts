/**
 * `npm run simulate:storm`: plays the storms and writes docs/storm.md with its plots.
 *
 * Options: `--clients 100000`, `--away 0,30` (seconds, one storm each), `--rate 5000` (connections accepted a second),
 * `--seed 1`, `--minutes 10` (when to stop looking), `--out docs`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { page } from './page.ts';
import { plot } from './plot.ts';
import { DEFAULTS, play, type Result } from './scenes.ts';

/** Counts of attempts are 16 bits for each client, and numbers of clients 32. */
const LIMITS = {
  clients: 10_000_000,
  rate: 1_000_000,
  seed: 4_294_967_295,
  minutes: 60,
  away: 600,
};

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: String(DEFAULTS.clients) },
    away: { type: 'string', default: '0,30' },
    rate: { type: 'string', default: String(DEFAULTS.acceptsPerSecond) },
    seed: { type: 'string', default: String(DEFAULTS.seed) },
    minutes: { type: 'string', default: String(DEFAULTS.endMs / 60_000) },
    out: { type: 'string', default: 'docs' },
  },
});
const options = {
  ...DEFAULTS,
  clients: wholeNumber('clients', values.clients, 1),
  acceptsPerSecond: wholeNumber('rate', values.rate, 1),
  seed: wholeNumber('seed', values.seed, 0),
  endMs: wholeNumber('minutes', values.minutes, 1) * 60_000,
};
const scenes = values.away.split(',').map((text) => {
  const away = wholeNumber('away', text, 0);
  const title = away === 0 ? 'Back at once' : `Away for ${away} s`;
  console.error(`${title}, ${options.clients} clients…`);
  return play(
    title,
    { ...options, awayMs: away * 1_000, endMs: options.endMs + away * 1_000 },
    tell,
  );
});

const plots = scenes.map(({ options: { awayMs } }, index) =>
  index === 0 ? 'storm.svg' : `storm-${awayMs / 1_000}s.svg`,
);
mkdirSync(values.out, { recursive: true });
scenes.forEach((scene, index) => {
  writeFileSync(join(values.out, plots[index] ?? ''), plot(scene));
});
const file = join(values.out, 'storm.md');
const style = await resolveConfig(file);
writeFileSync(file, await format(page(scenes, plots), { ...style, parser: 'markdown' }));
console.error(`Written: ${file}`);

function tell({ outcome, figures }: Result): void {
  const { peak, peakOnReturn, attemptsPerClient, allMs } = figures;
  const all = allMs === undefined ? 'not all back' : `all back after ${allMs / 1_000} s`;
  const memory = Math.round(process.memoryUsage.rss() / 1_048_576);
  console.log(
    `${outcome.name}: peak ${peak}, ${peakOnReturn} once it is back; ` +
      `${attemptsPerClient.toFixed(1)} attempts a client, ${all} (${memory} MiB)`,
  );
}

function wholeNumber(name: keyof typeof LIMITS, text: string, least: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= LIMITS[name]) return value;
  console.error(
    `Cannot use --${name} ${text}: it takes a whole number from ${least} to ${LIMITS[name]}`,
  );
  process.exit(2);
}

import { expect, it } from 'vitest';
import { figuresOf, spreadOf } from './figures.mjs';

const outage = {
  clients: 4,
  lostMs: 1_000,
  listeningMs: 3_000,
  attemptsMs: [1_000, 1_001, 1_099, 1_100, 3_050, 3_060, 3_500, 3_600],
  backMs: [3_610, 3_070, 3_080, 3_510],
};

it('figuresOf() counts times from when the server was back, in whatever order they came', () => {
  expect(figuresOf(outage)).toMatchObject({ halfMs: 80, mostMs: 610, allMs: 610, missing: 0 });
});

it('figuresOf() counts attempts in tenths of a second from the loss, and from when it was back', () => {
  expect(figuresOf(outage)).toMatchObject({ attempts: 2, peak: 3, peakBack: 2 });
});

it('figuresOf() has no time for a share that was not reached, and says who is missing', () => {
  const figures = figuresOf({ ...outage, backMs: [3_070, 3_080, 3_510] });
  expect(figures).toMatchObject({ halfMs: 80, mostMs: undefined, allMs: undefined, missing: 1 });
});

it('figuresOf() has no peak when nobody tried', () => {
  expect(figuresOf({ ...outage, attemptsMs: [], backMs: [] })).toMatchObject({
    attempts: 0,
    peak: 0,
    peakBack: 0,
    halfMs: undefined,
    missing: 4,
  });
});

it('spreadOf() is the median of the runs, the least and the greatest', () => {
  const runs = [3_610, 3_900, 3_700].map((ms) =>
    figuresOf({ ...outage, backMs: [...outage.backMs.slice(1), ms] }),
  );
  expect(spreadOf(runs, 'allMs')).toEqual({ median: 700, least: 610, greatest: 900 });
});

it('spreadOf() gives no time that one of the runs did not reach', () => {
  const runs = [figuresOf(outage), figuresOf({ ...outage, backMs: [3_070, 3_080] })];
  expect(spreadOf(runs, 'allMs')).toBeUndefined();
  expect(spreadOf(runs, 'halfMs')).toEqual({ median: 80, least: 80, greatest: 80 });
});

export { FakeClock } from './fake-clock.js';
export type { FakeClockOptions, SleepOptions } from './fake-clock.js';
export { FakeLink } from './fake-link.js';
export type { CutOptions, LinkWorld, Outcome, ServerCloseOptions } from './fake-link.js';
export { FakeTransport } from './fake-transport.js';
export type { FakeTransportOptions } from './fake-transport.js';
export { createGrammarChecker } from './grammar.js';
export type { GrammarChecker, GrammarOptions } from './grammar.js';
export { settle } from './settle.js';

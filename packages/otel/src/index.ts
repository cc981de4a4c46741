export { instrument } from './instrument.js';
export type { InstrumentOptions, InstrumentSocket } from './instrument.js';

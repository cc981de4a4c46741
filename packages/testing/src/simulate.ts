export { simulate } from './simulation/run.js';
export type { SimulationResult } from './simulation/run.js';
export type { HandlerAction, Schedule, Setup, Step } from './simulation/schedule.js';
export { schedules } from './simulation/schedules.js';

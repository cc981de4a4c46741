/**
 * A TCP proxy that fails on request: between a real client and a real server, for tests in Node.
 *
 * `createFaultProxy()` starts it, `FaultProxy` says what it can do, and `FaultProxyError` is what it
 * throws. The rest are the types of their arguments and events.
 */
export type {
  DirectionOptions,
  FaultConnection,
  FaultConnectionEnd,
  FaultDirection,
  FaultProxy,
  FaultProxyAddress,
  FaultProxyEvents,
  FaultProxyOptions,
  FaultProxyTotals,
  HangOptions,
  RestoreOptions,
  SlowOptions,
  StallOptions,
  WaitForOptions,
} from './api.js';
export { FaultProxyError, type FaultProxyErrorCode } from './errors.js';
export { createFaultProxy } from './fault-proxy.js';

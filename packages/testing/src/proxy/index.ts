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

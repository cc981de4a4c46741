export type { Connection, Session, Sessions } from './interfaces.js';
export type {
  Change,
  Claim,
  Claimed,
  LogFactory,
  LogLimits,
  MaybePromise,
  SessionLog,
  Stored,
  Written,
} from './log.js';
export { judge } from './log.js';
export { memoryLog } from './memory-log.js';
export type { SessionsOptions } from './options.js';
export type { EndReason, MessageInfo, SendOptions, SessionEvents, Unrecorded } from './session.js';
export { createSessions } from './sessions.js';
export type { CloseOptions, DrainOptions, SessionsEvents } from './sessions.js';
export type { Socket, WebSocketLike, WebSocketServerLike } from './socket.js';

export * from '@jetsocket/core';
export { connect } from './connect.js';
export { JetSocket } from './jet-socket.js';
export type { NodeOptions } from './jet-socket.js';
export type { WsSettings } from './ws-transport.js';
export { createPool } from './pool.js';
export type { AcquireOptions, Lease, Pool, PoolOptions, PoolStats } from './pool.js';

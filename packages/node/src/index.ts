export * from '@jetsocket/core';
export { connect } from './connect.js';
export { JetSocket } from './jet-socket.js';
export type { NodeOptions } from './jet-socket.js';
export type { WsSettings } from './ws-transport.js';

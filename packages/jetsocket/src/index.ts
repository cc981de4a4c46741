export * from '@jetsocket/core';
export { connect, JetSocket } from './jet-socket.js';

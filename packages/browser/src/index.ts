export * from '@jetsocket/core';
export { connect } from './connect.js';
export { JetSocket } from './jet-socket.js';
export { browserSignals } from './signals.js';
export { browserTransport, globalWebSocket } from './transport.js';

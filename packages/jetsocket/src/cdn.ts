/** What a script tag gets, as the global `JetSocket`. */
export * from './index.browser.js';
export { WebSocket } from './websocket.browser.js';

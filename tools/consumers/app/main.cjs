// The same by require, as older code has it.
const { connect: connectInBrowser } = require('@jetsocket/browser');
const { connect } = require('jetsocket');
const { WebSocket: LastingWebSocket } = require('jetsocket/websocket');
const { start } = require('./start.js');

start({ connect, connectInBrowser, LastingWebSocket });

// The smallest application that uses what a page can import. Every bundler makes one file of it.
import { connect as connectInBrowser } from '@jetsocket/browser';
import { connect } from 'jetsocket';
import { WebSocket as LastingWebSocket } from 'jetsocket/websocket';
import { start } from './start.js';

start({ connect, connectInBrowser, LastingWebSocket });

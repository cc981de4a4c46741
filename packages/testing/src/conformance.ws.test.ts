import { webSocketTransport } from '@jetsocket/core';
import { WebSocket } from 'ws';
import { startConformanceServer } from '../test/conformance-server.js';
import { describeTransport } from './conformance.js';

describeTransport('webSocketTransport over ws', () => ({
  transport: webSocketTransport({ constructorOf: () => WebSocket }),
  canPing: false,
  tellsStatus: false,
  enforcesMaxMessageBytes: false,
  start: startConformanceServer,
}));

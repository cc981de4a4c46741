import { describeTransport } from '@jetsocket/testing/conformance';
import { WebSocket } from 'ws';
import { startConformanceServer } from '../../testing/test/conformance-server.js';
import { wsTransport, type WsSettings } from './ws-transport.js';

const able = {
  canPing: true,
  tellsStatus: true,
  enforcesMaxMessageBytes: true,
  start: startConformanceServer,
};

const transportWith = (settings: WsSettings) =>
  wsTransport({ constructorOf: () => WebSocket, ...settings });

describeTransport('wsTransport()', () => ({ ...able, transport: transportWith({}) }));

describeTransport('wsTransport() with compression', () => ({
  ...able,
  transport: transportWith({ compression: { threshold: 0 } }),
}));

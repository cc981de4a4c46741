import { describeTransport } from '@jetsocket/testing/conformance';
import { startConformanceServer } from '../../testing/test/conformance-server.js';
import { standardWebSocket } from '../test/test-kit.js';
import { browserTransport, globalWebSocket } from './index.js';

const able = {
  canPing: false,
  tellsStatus: false,
  enforcesMaxMessageBytes: false,
  start: startConformanceServer,
};

describeTransport('browserTransport() over the class of ws', () => ({
  ...able,
  transport: browserTransport(() => standardWebSocket),
}));

// Node has one of its own from version 22 on.
if (globalWebSocket() !== undefined) {
  describeTransport('browserTransport()', () => ({ ...able, transport: browserTransport() }));
}

import { describeTransport } from '@jetsocket/testing/conformance';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import { standardWebSocket } from '../../browser/test/test-kit.js';
import { startConformanceServer } from '../../testing/test/conformance-server.js';
import { isomorphicTransport as forBrowsers } from './transport.browser.js';
import { isomorphicTransport } from './transport.js';

const start = startConformanceServer;

describeTransport('isomorphicTransport() in Node', () => ({
  transport: isomorphicTransport(),
  canPing: true,
  tellsStatus: true,
  enforcesMaxMessageBytes: true,
  start,
}));

describe('where there is a global WebSocket', () => {
  beforeAll(() => {
    vi.stubGlobal('WebSocket', standardWebSocket);
  });

  afterAll(() => {
    vi.unstubAllGlobals();
  });

  describeTransport('isomorphicTransport() in browsers', () => ({
    transport: forBrowsers(),
    canPing: false,
    tellsStatus: false,
    enforcesMaxMessageBytes: false,
    start,
  }));
});

import type { Attributes } from '@opentelemetry/api';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { ws: 80, wss: 443 };

/**
 * Where a connection goes, by the semantic conventions for URLs and servers. Paths, queries and user names are left
 * out: they carry tokens.
 */
export function addressOf(uri: string): Attributes {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    // An attempt that never had an address.
    return {};
  }
  const scheme = url.protocol.slice(0, -1);
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port);
  return {
    'server.address': url.hostname,
    ...(port !== undefined && { 'server.port': port }),
    'url.scheme': scheme,
  };
}

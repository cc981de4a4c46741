/** The page and its scripts, on loopback: the built packages as a browser loads them. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const here = (/** @type {string} */ path) => new URL(path, import.meta.url);
const HTML = `<!doctype html><title>receive</title><script type="module" src="/src/chromium/page.mjs"></script>`;

/** @type {Readonly<Record<string, URL>>} */
const FILES = {
  '/src/chromium/page.mjs': here('page.mjs'),
  '/src/messages.mjs': here('../messages.mjs'),
  '/jetsocket.mjs': here('../../../packages/jetsocket/dist/jetsocket.esm.min.js'),
  '/partysocket.mjs': new URL(import.meta.resolve('partysocket/ws')),
};

export async function serveFiles() {
  const server = createServer(({ url = '/' }, response) => {
    const file = FILES[url];
    if (file === undefined && url !== '/') {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', file === undefined ? 'text/html' : 'text/javascript');
    response.end(file === undefined ? HTML : readFileSync(file));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

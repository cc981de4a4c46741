/** The suite that every transport has to pass, over this browser's own WebSocket, wherever it has one. */
import { fileURLToPath } from 'node:url';
import { build, type Rollup } from 'vite';
import { checks } from '../../../packages/testing/src/conformance/checks.js';
import type { Outcome } from './conformance/protocol.js';
import { startServers, type Servers } from './conformance/servers.js';
import { expect, test } from './demo-test.js';

const ENTRY = fileURLToPath(new URL('conformance/in-browser.ts', import.meta.url));
let servers: Servers;

test.beforeAll(async () => {
  servers = await startServers(await bundle());
});
test.afterAll(() => servers.stop());

for (const place of ['page', 'worker', 'service-worker'] as const) {
  test(`the transport of @jetsocket/browser passes every check in a ${place}`, async ({ tab }) => {
    await tab.goto(`${servers.url}?in=${place}`);
    const names = () => tab.run(() => window.conformance?.names ?? [], undefined);
    await expect.poll(names).toEqual(checks.map(({ name }) => name));
    const failed: Outcome[] = [];
    for (const name of await names()) {
      const outcome = await test.step(name, () =>
        tab.run((one) => window.conformance?.run(one), name),
      );
      if (outcome?.failure !== null) failed.push(outcome ?? { name, failure: 'No outcome' });
    }
    expect(failed).toEqual([]);
  });
}

/** From the sources: one file, without a module's imports, which not every service worker can load. */
async function bundle(): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['@jetsocket/source'] },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      rollupOptions: { input: ENTRY, output: { format: 'iife' } },
    },
  })) as Rollup.RollupOutput;
  const [chunk] = result.output;
  return chunk.code;
}

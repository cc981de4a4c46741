/** workerd takes one file and a configuration: what a bundler makes of the packages for it. */
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rollup } from 'rollup';

/** Outgoing connections go to this machine as well: the servers are on loopback. */
const config = (/** @type {string} */ control) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-01-01",
  bindings = [(name = "CONTROL", text = ${JSON.stringify(control)})],
);
`;

/** @param {string} project @param {string} control @returns {Promise<string>} The configuration's file. */
export async function bundleWorker(project, control) {
  const bundled = await rollup({
    input: join(project, 'client', 'worker.mjs'),
    plugins: [
      resolve({ browser: true, exportConditions: ['workerd', 'worker', 'browser'] }),
      commonjs(),
    ],
  });
  await bundled.write({ file: join(project, 'worker.mjs'), format: 'es' });
  await bundled.close();
  const file = join(project, 'config.capnp');
  await writeFile(file, config(control));
  return file;
}

/** `npm run docs:build`: the reference, and the site with it, in docs/.vitepress/dist. A link that leads nowhere fails. */
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import './reference.mjs';

await build(fileURLToPath(new URL('../../docs', import.meta.url)));

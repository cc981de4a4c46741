/** What a page loads, by how it was asked for. `limitKb` is what it may grow to before somebody has to decide so. */

const dist = '../packages/jetsocket/dist';

/** @type {readonly { name: string, path: string, import?: string, limitKb: number }[]} */
export const bundles = [
  {
    name: "import { connect } from 'jetsocket'",
    path: `${dist}/index.browser.mjs`,
    import: '{ connect }',
    limitKb: 43,
  },
  {
    name: "import * as JetSocket from 'jetsocket'",
    path: `${dist}/index.browser.mjs`,
    import: '*',
    limitKb: 45,
  },
  {
    name: "import { WebSocket } from 'jetsocket/websocket'",
    path: `${dist}/websocket.browser.mjs`,
    import: '{ WebSocket }',
    limitKb: 45,
  },
  {
    name: 'jetsocket.umd.min.js, all in one',
    path: `${dist}/jetsocket.umd.min.js`,
    limitKb: 48,
  },
];

import { createRequire } from 'node:module';
import { connectJet, connectSession } from './jet.mjs';
import { connectRaw } from './raw.mjs';
import {
  connectPartySocket,
  connectReconnecting,
  connectSocketIo,
  connectWebsocketTs,
} from './rivals.mjs';

const require = createRequire(import.meta.url);

/** Not every package exports its package.json. @param {string} name @returns {string} */
export function versionOf(name) {
  const entry = require.resolve(name);
  const folder = `node_modules/${name}/`;
  return require(`${entry.slice(0, entry.lastIndexOf(folder))}${folder}package.json`).version;
}

/** By the name of what they are called in results, in the order of the columns. @type {Record<string, import('./client.mjs').Kind>} */
export const kinds = {
  ws: { title: 'ws', version: versionOf('ws'), wire: 'plain', connect: connectRaw },
  full_buffer: {
    title: 'JetSocket',
    version: 'full_buffer',
    wire: 'plain',
    connect: connectJet,
  },
  session: { title: 'JetSocket', version: 'session', wire: 'session', connect: connectSession },
  partysocket: {
    title: 'partysocket',
    version: versionOf('partysocket'),
    wire: 'plain',
    connect: connectPartySocket,
  },
  'reconnecting-websocket': {
    title: 'reconnecting-websocket',
    version: versionOf('reconnecting-websocket'),
    wire: 'plain',
    connect: connectReconnecting,
  },
  'websocket-ts': {
    title: 'websocket-ts',
    version: versionOf('websocket-ts'),
    wire: 'plain',
    connect: connectWebsocketTs,
  },
  'socket.io': {
    title: 'socket.io-client',
    version: versionOf('socket.io-client'),
    wire: 'socket.io',
    connect: connectSocketIo,
  },
};

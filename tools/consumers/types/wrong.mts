/** Every line that ends in `// wrong` must not compile, and no other. */
import { connect, JetSocketError, json, multiplex, text } from 'jetsocket';
import { WebSocket as LastingWebSocket } from 'jetsocket/websocket';
import { noSuchName } from 'jetsocket'; // wrong
import * as inner from '@jetsocket/core/dist/index.mjs'; // wrong

interface Trade {
  readonly price: number;
}

const socket = connect<Trade, { readonly op: string }>('wss://example.com');
socket.on('mesage', () => undefined); // wrong
socket.on('message', ({ data }) => data.prize); // wrong
socket.on('disconnected', ({ wasClean }) => wasClean); // wrong
socket.send({ op: 1 }); // wrong
socket.send({ op: 'a' }, { ttl: 1 }); // wrong
socket.state = 'closed'; // wrong
connect(1); // wrong
connect<Trade>('wss://example.com', { codec: text }); // wrong
connect('wss://example.com', { codec: json }).on('message', ({ data }) => data.price); // wrong
const trade: Trade = json.decode('{}'); // wrong
connect('wss://example.com', { backoff: { base: 1 } }); // wrong
connect('wss://example.com', { replay: { mode: 'sequence_id' } }); // wrong
connect('wss://example.com', { buffer: { overflowPolicy: 'drop' } }); // wrong
connect('wss://example.com', { tls: {} }); // wrong
multiplex(socket, { channelOf: () => 1 }); // wrong
new LastingWebSocket('wss://example.com', [], { outages: 'never' }); // wrong
new JetSocketError('NO_SUCH_CODE', ''); // wrong
export const state: number = socket.state; // wrong
export { inner, noSuchName };

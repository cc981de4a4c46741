// node apps/demo/examples/node-client.mjs [url], while `npm run demo` runs
import { connect } from 'jetsocket';

const socket = connect(process.argv[2] ?? 'ws://127.0.0.1:4173/ws', {
  backoff: { baseMs: 500, capMs: 5_000 },
  heartbeat: { intervalMs: 5_000 },
});
socket.on('*', (event) => console.log(event));
socket.once('connected', () => socket.send({ n: 1 }));
process.once('SIGINT', () => socket.close());

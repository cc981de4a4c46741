/** Waits for its next attempt, for ten minutes: a process that ends before was not kept by that. */
import { connect } from 'jetsocket';
import process from 'node:process';

const { url, unref } = JSON.parse(process.argv[2] ?? '');
const backoff = { baseMs: 600_000, capMs: 600_000, jitter: false };
const socket = connect(url, { backoff, unref });
socket.on('reconnecting', () => console.log('waiting'));

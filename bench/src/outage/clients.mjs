/**
 * Many clients of one kind in one process, that will lose their server. Tells when all are open, and when all are so
 * again, or it is told that the time is up, what happened: all times are of the machine's clock, in milliseconds.
 *
 * `node clients.mjs <client> <url> <count>`
 */
import { Socket } from 'node:net';
import { opens } from './kinds.mjs';

const [, , name = '', url = '', wanted = '0'] = process.argv;
const open = opens[name];
if (open === undefined) throw new Error(`There is no client '${name}' that reconnects`);
const count = Number(wanted);

/** Files that a process has open beside its clients' sockets. */
const OTHER_FILES = 200;
/** A listener's queue has its bounds. */
const AT_ONCE = 100;

const nowMs = () => performance.timeOrigin + performance.now();

/** Here all kinds are alike: every attempt of each is a TCP connection. @type {number[]} */
let attemptsMs = [];
const { connect } = Socket.prototype;
Socket.prototype.connect = /** @type {any} */ (
  /** @this {Socket} @param {any[]} args */
  function (...args) {
    attemptsMs.push(nowMs());
    return Reflect.apply(connect, this, args);
  }
);

/** When each was open last; undefined while it is not. @type {(number | undefined)[]} */
const openMs = new Array(count);
const hasLost = new Uint8Array(count);
let opened = 0;
let losers = 0;
/** @type {() => void} */
let tellAllOpen = () => undefined;

process.on('disconnect', () => process.exit());
process.on('message', tell);
allowFiles();
for (let first = 0; first < count; first += AT_ONCE) {
  const last = Math.min(first + AT_ONCE, count);
  const allOpen = new Promise((resolve) => {
    tellAllOpen = () => opened === last && resolve(undefined);
  });
  for (let client = first; client < last; client++) start(client);
  await allOpen;
}
tellAllOpen = () => opened === count && losers === count && tell();
attemptsMs = [];
process.send?.({ areOpen: true });

/** @param {number} client */
function start(client) {
  open?.(
    url,
    () => {
      if (openMs[client] === undefined) opened++;
      openMs[client] = nowMs();
      tellAllOpen();
    },
    () => {
      if (openMs[client] === undefined) return;
      openMs[client] = undefined;
      opened--;
      losers += 1 - (hasLost[client] ?? 0);
      hasLost[client] = 1;
    },
  );
}

function tell() {
  // Those that have not lost anything are not back, either.
  const backMs = openMs.filter((ms, client) => ms !== undefined && hasLost[client] === 1);
  process.send?.({ attemptsMs, backMs }, () => process.exit());
}

/** Each client is an open file. Too few of them would look like a client that does not come back. */
function allowFiles() {
  const { userLimits } = /** @type {any} */ (process.report.getReport());
  // Node has raised the soft limit to the hard one. No limit is a word.
  const allowed = Number(userLimits?.open_files?.soft);
  if (Number.isNaN(allowed) || allowed >= count + OTHER_FILES) return;
  process.send?.({
    failed: `a process may have ${allowed} files open, ${count + OTHER_FILES} are needed; raise it with ulimit -n`,
  });
  process.exit();
}

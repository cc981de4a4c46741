import { asError, describe, type FrameData } from '@jetsocket/core/protocol';
import { randomUUID } from 'node:crypto';
import type {
  Change,
  Claim,
  Claimed,
  LogFactory,
  LogLimits,
  SessionLog,
  Stored,
  Written,
} from './log.js';
import { checkKeys, invalid } from './options.js';
import { CLAIM, END, RENEW, type Script, WRITE } from './redis-scripts.js';

/** What is used of a client of `redis`: those of `createClient` and of `createCluster` have it. */
export interface RedisClient {
  /** Whether there is a connection. A cluster does not say. */
  readonly isReady?: boolean | undefined;
  /** The same client with other settings: bytes as buffers, and a deadline for each command. */
  withCommandOptions(options: {
    readonly typeMapping: { readonly 36: BufferConstructor };
    readonly timeout: number;
  }): RedisCommands;
  /** How many there are. */
  listenerCount(type: 'error'): number;
  /** Listens, so that an error does not end the process. What failed is told where it was asked for. */
  on(type: 'error', listener: () => void): unknown;
}

/** See `RedisClient`. */
export interface RedisCommands {
  /** `EVALSHA`: calls a script that Redis knows. */
  evalSha(sha: string, call: RedisCall): Promise<unknown>;
  /** `EVAL`: brings the script along. */
  eval(source: string, call: RedisCall): Promise<unknown>;
}

/** The keys and the arguments of a script. */
export interface RedisCall {
  /** What it touches. */
  keys: string[];
  /** What it is told. */
  arguments: (string | Buffer)[];
}

/** How `redisLog()` behaves. */
export interface RedisLogOptions {
  /** A client of `redis` 5 or later that was connected. It stays yours: the log never closes it. */
  readonly client: RedisClient;
  /** What every key begins with. Default: `jetsocket:`. */
  readonly prefix?: string | undefined;
  /** How long a call may take, in milliseconds, up to 2,147,483,647. Default: 5,000. */
  readonly timeoutMs?: number | undefined;
}

/** The type of strings in the protocol of Redis, `RESP_TYPES.BLOB_STRING`: the client is a type here, no module. */
const BLOB_STRING = 36;
const MAX_MS = 2_147_483_647;
/** So many sessions are renewed at once: commands of others should not have to wait behind thousands. */
const RENEWED_AT_ONCE = 100;

/**
 * Keeps sessions in Redis 6.2 or later: they outlive processes, and go on in any that shares it.
 *
 * ```ts
 * const client = createClient({
 *   url,
 *   disableOfflineQueue: true,
 *   socket: { reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 2_000) },
 * });
 * await client.connect();
 * const sessions = createSessions({ log: redisLog({ client }) });
 * ```
 *
 * `disableOfflineQueue` drops what was not sent when a connection breaks: the log tries again by itself.
 * `reconnectStrategy` must never give up. What Redis promises is what the log promises: with `appendfsync everysec`
 * a crash of Redis itself may cost the last second, and the servers write what they have anew. `maxmemory-policy`
 * should be `noeviction`.
 *
 * @throws {JetSocketError} `INVALID_OPTION`
 */
export function redisLog(options: RedisLogOptions): LogFactory {
  checkKeys('redisLog', options, ['client', 'prefix', 'timeoutMs']);
  const { client, prefix = 'jetsocket:', timeoutMs = 5_000 } = options;
  if (typeof client?.withCommandOptions !== 'function')
    throw invalid('client', client, 'a client of redis 5 or later');
  if (typeof prefix !== 'string') throw invalid('prefix', prefix, 'a string');
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_MS)
    throw invalid('timeoutMs', timeoutMs, `an integer from 1 to ${MAX_MS}`);
  return (limits) => new RedisLog({ client, prefix, timeoutMs }, limits);
}

class RedisLog implements SessionLog {
  readonly #client: RedisClient;
  readonly #commands: RedisCommands;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  readonly #ttl: string;
  readonly #tombstone: string;
  /** From now until the tombstone of a session that is alive may go. */
  readonly #both: string;
  /** This log among all that share the Redis. */
  readonly #owner = randomUUID();

  constructor(
    { client, prefix, timeoutMs }: { client: RedisClient; prefix: string; timeoutMs: number },
    { ttlMs, tombstoneMs }: LogLimits,
  ) {
    this.#client = client;
    // Binary payloads are bytes: nothing may be decoded on the way. What waits unsent for too long is dropped.
    const typeMapping = { [BLOB_STRING]: Buffer } as const;
    this.#commands = client.withCommandOptions({ typeMapping, timeout: timeoutMs });
    this.#prefix = prefix;
    this.#timeoutMs = timeoutMs;
    this.#ttl = String(ttlMs);
    this.#tombstone = String(tombstoneMs);
    this.#both = String(ttlMs + tombstoneMs);
    // Without a listener the first lost connection would end the process. Every call says what went wrong.
    if (client.listenerCount('error') === 0) client.on('error', ignore);
  }

  async claim({ sid, n, isKnown, rx, hi, principal, localN }: Claim): Promise<Claimed> {
    const reply = await this.#run(CLAIM, sid, [
      String(n),
      isKnown ? '1' : '0',
      String(rx),
      String(hi),
      principal,
      localN === undefined ? '' : String(localN),
      this.#owner,
      this.#ttl,
      this.#both,
      this.#tombstone,
    ]);
    return claimed(reply);
  }

  async write(
    sid: string,
    n: number,
    { first, messages, rx, base, isWhole, principal }: Change,
  ): Promise<Written> {
    const args: (string | Buffer)[] = [
      String(n),
      this.#owner,
      String(first),
      String(rx),
      String(base),
      isWhole ? '1' : '0',
      principal,
      this.#ttl,
      this.#both,
    ];
    for (const data of messages) {
      if (typeof data === 'string') args.push('t', data);
      else args.push('b', Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
    const written = String(await this.#run(WRITE, sid, args));
    if (written === 'ok' || written === 'fenced' || written === 'behind') return written;
    throw unexpected(written);
  }

  async end(sid: string, n: number, why: 'expired' | 'ended', rx: number): Promise<void> {
    await this.#run(END, sid, [String(n), this.#owner, why, String(rx), this.#tombstone]);
  }

  async renew(sids: readonly string[]): Promise<void> {
    for (let start = 0; start < sids.length; start += RENEWED_AT_ONCE) {
      const some = sids.slice(start, start + RENEWED_AT_ONCE);
      await Promise.all(some.map((sid) => this.#run(RENEW, sid, [this.#ttl, this.#both])));
    }
  }

  close(): void {
    // The client is the user's.
  }

  /** Rejects in time, whatever the client does: at once without a connection, or after `timeoutMs`. */
  #run(script: Script, sid: string, args: (string | Buffer)[]): Promise<unknown> {
    if (this.#client.isReady === false)
      return Promise.reject(new Error('There is no connection to Redis'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`Redis did not answer within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
      const stop = (): void => {
        clearTimeout(timer);
      };
      void this.#evaluate(script, sid, args).then(resolve, reject).then(stop);
    });
  }

  async #evaluate({ source, sha }: Script, sid: string, args: (string | Buffer)[]) {
    const key = `${this.#prefix}{${sid}}`;
    const call = { keys: [key, `${key}:out`, `${key}:end`], arguments: args };
    try {
      return await this.#commands.evalSha(sha, call);
    } catch (thrown) {
      // A Redis that was started anew, or a node of a cluster that never saw it.
      if (!asError(thrown).message.startsWith('NOSCRIPT')) throw thrown;
      return this.#commands.eval(source, call);
    }
  }
}

function claimed(reply: unknown): Claimed {
  const [type, ...fields] = asArray(reply);
  switch (String(type)) {
    case 'created':
      return { type: 'created' };
    case 'missing':
      return { type: 'missing' };
    case 'resumed':
      return { type: 'resumed', stored: stored(fields) };
    case 'gone': {
      const [why, rx = null] = fields;
      return { type: 'gone', why: goneReason(why), rx: rx === null ? null : Number(rx) };
    }
    default:
      throw unexpected(type);
  }
}

function stored([n, rx, base, messages]: readonly unknown[]): Stored {
  return {
    n: Number(n),
    rx: Number(rx),
    base: Number(base),
    messages: messages === null ? undefined : asArray(messages).map(payload),
  };
}

/** An entry of the stream: its id, and its one field with its value. */
function payload(entry: unknown): FrameData {
  const [field, value] = asArray(asArray(entry)[1]);
  if (!(value instanceof Uint8Array)) throw unexpected(value);
  if (String(field) === 't') return value.toString();
  // Not a Buffer, whose `slice` is another one, and not a part of one that others are in.
  return Uint8Array.from(value);
}

function asArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpected(value);
}

type Why = Extract<Claimed, { type: 'gone' }>['why'];

function goneReason(value: unknown): Why {
  const why = String(value);
  switch (why) {
    case 'unknown':
    case 'expired':
    case 'ended':
    case 'fenced':
    case 'regressed':
      return why;
    default:
      throw unexpected(why);
  }
}

const unexpected = (value: unknown): Error =>
  new Error(`Redis answered with something that no script of ours returns: ${describe(value)}`);

const ignore = (): void => undefined;

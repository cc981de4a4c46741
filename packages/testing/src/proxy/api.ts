/** What the proxy can do, for the people who read it. Types only. */
import type { EventEmitter } from 'node:events';

/** `up` is from the client to the target, `down` from the target to the client. */
export type FaultDirection = 'up' | 'down';

/** A host and a port of TCP. */
export interface FaultProxyAddress {
  /** A name or an IP address. Default `'127.0.0.1'`. */
  readonly host?: string | undefined;
  /** From 1 to 65535. */
  readonly port: number;
}

/** Only `target` has to be there. */
export interface FaultProxyOptions {
  /** Where connections are passed on to. It need not answer yet: it is called at each connection. */
  readonly target: FaultProxyAddress;
  /** Where the proxy listens. Default `'127.0.0.1'` and port 0, which is any that is free. */
  readonly listen?:
    { readonly host?: string | undefined; readonly port?: number | undefined } | undefined;
  /**
   * Gives numbers in [0, 1), one for each piece that is read while there is a jitter. Default: a
   * generator that gives the same numbers to every proxy. How the bytes fall into pieces is the
   * operating system's business, and not repeatable.
   */
  readonly random?: (() => number) | undefined;
  /**
   * How many bytes of each direction of each connection may be held, under `stall()`, under
   * `slow()` or because the receiver does not read. From then on the sender is not read from, until
   * its TCP blocks. Default 1 MiB, limit 256 MiB. Up to 192 KiB that Node has under way, and the
   * operating system's own buffers, come on top. It bounds throughput, too: under
   * `slow({ delayMs: 1_000 })` at most this much passes in a second.
   */
  readonly maxBufferedBytes?: number | undefined;
}

/** Which way an order is for. */
export interface DirectionOptions {
  /** Default `'both'`. */
  readonly direction?: FaultDirection | 'both' | undefined;
}

/** Of `FaultProxy.hang()`. */
export interface HangOptions extends DirectionOptions {
  /** What becomes of connections that are yet to come: default `'hang'`, or `'pass'`. */
  readonly newConnections?: 'hang' | 'pass' | undefined;
}

/** Of `FaultProxy.stall()`. */
export interface StallOptions extends DirectionOptions {
  /** What becomes of connections that are yet to come: default `'stall'`, or `'pass'`. */
  readonly newConnections?: 'stall' | 'pass' | undefined;
}

/** What is left out is not limited. At least one of the first three must be there. */
export interface SlowOptions extends DirectionOptions {
  /** How much later everything arrives, one way, in milliseconds. Default 0, limit one hour. */
  readonly delayMs?: number | undefined;
  /**
   * Up to so many milliseconds more, drawn evenly for each piece. Order is kept: a piece that drew
   * little waits for the one before it. Default 0, limit one hour.
   */
  readonly jitterMs?: number | undefined;
  /** At most this rate, for each connection and direction by itself. From 1 to 1e9, no default. */
  readonly bytesPerSecond?: number | undefined;
}

/** Of `restore()`. */
export interface RestoreOptions {
  /**
   * What becomes of connections that hung: default `'reset'`, because their streams have a hole.
   * `'keep'` leaves them dead and silent, for a peer that has to find out by itself.
   */
  readonly hung?: 'reset' | 'keep' | undefined;
}

/** Of `FaultProxy.waitFor()`. */
export interface WaitForOptions {
  /**
   * Gives up after so many milliseconds. Default 3,000: less than the 5 seconds that most test
   * runners allow, so that this error, which says more, comes first. Limit one hour.
   */
  readonly timeoutMs?: number | undefined;
}

/** Counts since the proxy began. They only grow. */
export interface FaultProxyTotals {
  /** Connections from clients. */
  readonly accepted: number;
  /** Those of them for which the target did not answer. */
  readonly unreachable: number;
  /** Those of them that the proxy itself reset. A reset that came from a peer does not count. */
  readonly reset: number;
  /** Bytes from clients, handed on to the target's TCP. */
  readonly bytesUp: number;
  /** Bytes from the target, handed on to a client's TCP. */
  readonly bytesDown: number;
  /** Bytes from clients that were read and never passed on. */
  readonly lostBytesUp: number;
  /** Bytes from the target that were read and never passed on. */
  readonly lostBytesDown: number;
}

/**
 * Who or what ended a connection: one of the two peers, by FIN or by RST; a target that did not
 * answer; or the method of that name.
 */
export type FaultConnectionEnd =
  'client' | 'target' | 'unreachable' | 'cut' | 'end' | 'truncateAfter' | 'restore' | 'close';

/** What can be listened to: name → arguments. */
export interface FaultProxyEvents {
  /**
   * A client is connected, and nothing has passed yet. Faults for this one connection can be
   * ordered right here: `proxy.on('connection', (connection) => connection.truncateAfter(9, 'up'))`.
   */
  connection: [connection: FaultConnection];
  /** Both sides of a connection are closed. `error` is the first one its sockets reported. */
  closed: [connection: FaultConnection, end: FaultConnectionEnd, error: Error | undefined];
}

/** One connection, from a client through the proxy to the target, with faults of its own. */
export interface FaultConnection {
  /** 1 for the first connection of this proxy, and so on. */
  readonly id: number;
  /** False once it is reset, or closed on both sides. */
  readonly live: boolean;
  /** Bytes of it that are read and not passed on yet. */
  readonly bufferedBytes: number;
  /** As {@link FaultProxy.cut}, for this one. On a connection that is over, this does nothing. */
  cut(): void;
  /** As {@link FaultProxy.end}, for this one. */
  end(): void;
  /** As {@link FaultProxy.hang}, for this one. */
  hang(options?: DirectionOptions): void;
  /** As {@link FaultProxy.stall}, for this one. */
  stall(options?: DirectionOptions): void;
  /** As {@link FaultProxy.slow}, for this one. */
  slow(options: SlowOptions): void;
  /** As {@link FaultProxy.truncateAfter}, for this one. */
  truncateAfter(byteCount: number, direction: FaultDirection): void;
  /** As {@link FaultProxy.restore}, for this one. */
  restore(options?: RestoreOptions): void;
}

/**
 * A TCP proxy that fails on request. It passes bytes, so TLS and every protocol go through.
 *
 * `cut()`, `end()` and `truncateAfter()` happen once, to the connections that are live. `hang()`,
 * `stall()` and `slow()` are the weather: they hold for those that are live and those that come,
 * until `restore()`. These six return how many live connections they met.
 *
 * What `net` cannot do, this cannot either: bytes that were handed to the operating system are on
 * their way, and the TCP handshake between client and proxy always succeeds while it listens.
 *
 * Every method but `close()` throws {@link FaultProxyError} `CLOSED` once the proxy is closed, and
 * `INVALID_OPTION` for arguments that it does not take; where it returns a promise, that rejects.
 */
export interface FaultProxy extends EventEmitter<FaultProxyEvents>, AsyncDisposable {
  /** The IP address that it listens on. */
  readonly host: string;
  /** The port that it listens on, the same for the proxy's whole life. */
  readonly port: number;
  /** How many connections are live: accepted, not reset, and not closed on both sides. */
  readonly connections: number;
  /** Bytes that are read and not passed on yet, over all connections. */
  readonly bufferedBytes: number;
  /** A copy of the counts. */
  readonly totals: FaultProxyTotals;

  /** Resets (RST) every live connection, both ends of it. New ones are accepted. */
  cut(): number;

  /**
   * Sends FIN both ways: TCP ends in good order, without a close frame of WebSocket. What is held
   * is lost, and so is what the peers still send. A connection counts as live until both peers have
   * ended it, too; one that was ended already is not met again.
   */
  end(): number;

  /**
   * The half-open connection: bytes are read and lost for good, and so are FIN and RST. Sockets
   * stay open, and nobody is told. What is held by `stall()` or `slow()` at that moment is lost.
   *
   * New connections are accepted and hang too, unless `newConnections` says otherwise. If `up`
   * hangs, the target never hears of them.
   *
   * A direction that hangs is not mended by another order: only a reset, `end()` or `close()` ends it.
   */
  hang(options?: HangOptions): number;

  /**
   * Holds bytes and FIN, and delivers them all on `restore()`. A sender is not read from any more
   * once `maxBufferedBytes` are held. A direction that hangs goes on hanging.
   */
  stall(options?: StallOptions): number;

  /**
   * Delays bytes and FIN, and limits their rate. Nothing is lost, and order is kept. It replaces an
   * earlier `slow()` of the same direction; bytes that are held keep the delay they were given.
   * Delays are at least what was asked for, and as much longer as timers are late. A connection's
   * TCP handshake is not delayed.
   *
   * Rate means: with `bytesPerSecond: 1_000`, 500 bytes are through after half a second.
   */
  slow(options: SlowOptions): number;

  /**
   * Passes exactly so many more bytes in that direction of each live connection, and then resets
   * it: a frame cut in the middle. 0 resets at once. Bytes that are held count among those to come.
   * It replaces an earlier order of the same direction, and `restore()` takes it back. The reset
   * comes 10 ms after the last byte has found room in the receiver's TCP, for a reset may overtake
   * what is not read yet. The other direction passes until then.
   *
   * @param byteCount An integer from 0 to 2 ** 53 - 1.
   */
  truncateAfter(byteCount: number, direction: FaultDirection): number;

  /**
   * While refused, the listener is closed: new connections get ECONNREFUSED, live ones stay. Then
   * it is opened on the same port. Resolves when that is done; calls are carried out in order.
   *
   * @throws {FaultProxyError} `LISTEN_FAILED` when somebody else took the port meanwhile.
   */
  refuse(refused: boolean): Promise<void>;

  /**
   * Ends all weather: what was held is delivered, connections pass, and the listener is open.
   * Connections of which a direction hung are reset, lost bytes or not: that does not depend on
   * what happened to be under way. Resolves, once the listener is open, to how many were reset.
   * All else is done before it returns. `retarget()` stays.
   *
   * @throws {FaultProxyError} `LISTEN_FAILED` as `refuse(false)`.
   */
  restore(options?: RestoreOptions): Promise<number>;

  /** Says where new connections go. Live ones stay with the target they have. */
  retarget(target: FaultProxyAddress): void;

  /**
   * Resolves when the predicate is true: now, or after something happened. It is asked again when
   * a connection comes or goes, and when bytes are read, passed or lost. So silence needs no sleep:
   * `await proxy.waitFor(() => proxy.totals.lostBytesUp >= 6)` is true when they are swallowed.
   *
   * @throws {FaultProxyError} `TIMEOUT` when it does not become true in time, `CLOSED` when the
   * proxy is closed first. What the predicate throws is passed on.
   */
  waitFor(predicate: () => boolean, options?: WaitForOptions): Promise<void>;

  /**
   * Stops listening and resets what is live. Resolves when every socket is closed; leaves no
   * handle, no timer and no listener. To close twice is harmless.
   */
  close(): Promise<void>;
}

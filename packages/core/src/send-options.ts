import { describe, JetSocketError } from './errors.js';
import * as check from './validate.js';

/** What is special about one message: see `JetSocket.send`. */
export interface SendOptions {
  /**
   * Sent now, or dropped when there is no connection, or the socket is full. It is never kept, has no place in the
   * order, so it may overtake what waits, and in a session it has no number: for what means nothing later, as
   * the place of a cursor. Default: false.
   */
  readonly volatile?: boolean | undefined;
  /**
   * How long it may wait to be handed to a socket, in milliseconds from now, 1 to 2,147,483,647; then it is dropped.
   * Once it was handed over it counts as any other, and may be sent again. Default: as long as it takes.
   */
  readonly ttlMs?: number | undefined;
  /**
   * While it waits to be handed over for the first time, a newer one with the same key replaces it: in its place,
   * and with its id. The older one's delivery is `dropped`. Default: none.
   */
  readonly key?: string | number | undefined;
  /**
   * Sent now though the socket is not `ready()`, ahead of everything that waits, and otherwise as `volatile`: for
   * what authenticates a connection, which means nothing on another one. Default: false.
   */
  readonly early?: boolean | undefined;
}

const KNOWN: readonly (keyof SendOptions)[] = ['volatile', 'ttlMs', 'key', 'early'];

/** The longest a timer can be asked for, in any runtime: 2³¹ − 1 ms. */
const MAX_MS = 2_147_483_647;

/**
 * Checks what is said of one message.
 *
 * @throws {JetSocketError} `INVALID_OPTION`.
 */
export function checkSendOptions(options: SendOptions): SendOptions {
  check.known('send', options, KNOWN);
  const { volatile, early, ttlMs, key } = options;
  const isNow = check.boolean('send.volatile', volatile, false) || isEarly(early);
  if (ttlMs !== undefined) check.number('send.ttlMs', ttlMs, 1, MAX_MS, 1);
  if (key !== undefined && typeof key !== 'string' && typeof key !== 'number') {
    throw check.invalid('send.key', key, 'a string or a number');
  }
  if (isNow && (ttlMs !== undefined || key !== undefined)) {
    const wrong = ttlMs === undefined ? 'key' : 'ttlMs';
    const other = describe(early === true ? 'early' : 'volatile');
    throw new JetSocketError(
      'INVALID_OPTION',
      `Cannot use option send.${wrong} with ${other}: such a message never waits`,
      { hint: 'Leave one of them out' },
    );
  }
  return options;
}

const isEarly = (early: unknown): boolean => check.boolean('send.early', early, false);

/** A number or an id that a server gives a message. */
export type SequenceId = number | bigint | string;

/** A place in a server's stream. */
export interface Position {
  /** The number, or the id, of the message. */
  readonly id: SequenceId;
  /** Names one numbering: ids of different epochs are never compared. */
  readonly epoch?: string | undefined;
}

/**
 * - `dense`: each number is one more than the one before.
 * - `monotonic`: numbers rise, and may skip.
 * - `opaque`: ids only differ.
 */
export type SequenceOrder = 'dense' | 'monotonic' | 'opaque';

/** An id that can be compared: a number where it is exact, else a bigint. */
export type Comparable = number | bigint;

/** What a user's function returned, as a position; undefined when it is none. */
export function positionOf(given: unknown, isNumeric: boolean): Position | undefined {
  const isPosition = typeof given === 'object' && given !== null && 'id' in given;
  const id: unknown = isPosition ? given.id : given;
  const epoch: unknown = isPosition && 'epoch' in given ? given.epoch : undefined;
  if (epoch !== undefined && typeof epoch !== 'string') return undefined;
  switch (typeof id) {
    case 'number':
      return Number.isSafeInteger(id) && id >= 0 ? { id, epoch } : undefined;
    case 'bigint':
      return id >= 0n ? { id, epoch } : undefined;
    case 'string':
      return id !== '' && (!isNumeric || /^\d{1,40}$/.test(id)) ? { id, epoch } : undefined;
    default:
      return undefined;
  }
}

/** For numeric orders: how an id compares. Only of one that `positionOf` let pass as numeric. */
export function comparable(id: SequenceId): Comparable {
  if (typeof id === 'number') return id;
  const value = BigInt(id);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** The next number. Beyond what a number holds exactly it becomes a bigint. */
export function after(value: Comparable): Comparable {
  if (typeof value === 'number' && value < Number.MAX_SAFE_INTEGER) return value + 1;
  return BigInt(value) + 1n;
}

/** The number before. */
export const before = (value: Comparable): Comparable =>
  typeof value === 'number' ? value - 1 : comparable(value - 1n);

/** As events tell it. */
export const told = (id: SequenceId): number | string => (typeof id === 'bigint' ? String(id) : id);

import { describe, JetSocketError } from '../errors.js';
import { type Comparable, type SequenceId, type SequenceOrder, told } from './sequence-id.js';

/** What a sequence says of a server whose ids are not what they should be. */

/** A number that was passed already, outside of a replay. */
export const passed = (id: SequenceId, last: SequenceId, isDropped: boolean): JetSocketError =>
  regressed(
    `Message ${told(id)} came after ${told(last)}, and was ${isDropped ? 'dropped' : 'delivered'}`,
  );

/** The server says that it is at a place that was passed already. */
export const behind = (id: SequenceId, last: SequenceId): JetSocketError =>
  regressed(`The server is at ${told(id)}, and ${told(last)} had come`);

/** A replay brought less than what had come. */
export const duplicates = (
  count: number,
  lowest: Comparable,
  highest: Comparable,
  last: Comparable,
): JetSocketError =>
  regressed(
    `The replay ended at ${told(highest)}, and ${told(last)} had come: ` +
      `${count} messages from ${told(lowest)} to ${told(highest)} were dropped as duplicates`,
  );

const regressed = (message: string): JetSocketError =>
  new JetSocketError('SEQUENCE_REGRESSED', message, {
    hint: "Does the server number anew? Let sequenceOf return { id, epoch }, or set replay.onRegression to 'restart'",
  });

/** A message of a replay that newer ones have overtaken. */
export const overtaken = (id: SequenceId, last: SequenceId, isUnknown: boolean): JetSocketError => {
  const what = isUnknown ? 'dropped: it may have come before' : 'delivered';
  return new JetSocketError(
    'SEQUENCE_REGRESSED',
    `Message ${told(id)} of a replay came after ${told(last)}, and was ${what}`,
    {
      hint:
        'Does the server send new messages before its replay is over? Where numbers have no holes, ' +
        "replay.order 'dense' puts them in order; else replay.maxHeld says how many are told apart",
    },
  );
};

/** Ids that were taken for new, and then came one that had come before. */
export const doubtful = (count: number, known: SequenceId): JetSocketError =>
  new JetSocketError(
    'SEQUENCE_REGRESSED',
    `${count} messages of the replay were delivered, and then came ${told(known)}, which had come before: ` +
      'they may have come before too',
    { hint: 'replay.maxHeld says how many ids are remembered' },
  );

/** More opaque ids came in a replay than are remembered. */
export const forgotten = (from: SequenceId, to: SequenceId, remembered: number): JetSocketError =>
  new JetSocketError(
    'SEQUENCE_REGRESSED',
    `More than ${remembered} messages came before the replay's end was marked: if new ones were among them, ` +
      `those from ${told(from)} to ${told(to)} may have come twice, or come again with the next replay`,
    { hint: 'replay.maxHeld says how many ids are remembered' },
  );

/** What one of the user's functions gave is no id. */
export function invalid(
  option: string,
  given: unknown,
  order: SequenceOrder | undefined,
): JetSocketError {
  const takes =
    order === 'opaque' ? 'a string or a number' : 'a whole number from 0, or its digits';
  if (typeof given === 'object' && given !== null && 'epoch' in given) {
    const { epoch } = given;
    if (epoch !== undefined && typeof epoch !== 'string') {
      return new JetSocketError(
        'INVALID_SEQUENCE_ID',
        `replay.${option} gave an epoch that is ${describe(epoch)}, and epochs are strings`,
        {
          hint: 'The message was delivered without a number. String(epoch) makes a string of a number',
        },
      );
    }
  }
  return new JetSocketError(
    'INVALID_SEQUENCE_ID',
    `replay.${option} gave ${describe(given)}, and ids are ${takes}`,
    {
      hint: 'The message was delivered without a number. Numbers over 2⁵³ − 1 need bigint or string',
    },
  );
}

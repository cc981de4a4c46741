import type { Cause } from '../events.js';
import type { TransitionRecord } from '../flight-record.js';
import type { Effect } from '../machine/effect.js';
import type { Input } from '../machine/input.js';
import type { State } from '../machine/state.js';

/** The last transitions of the machine, in a ring: what led here, should anybody ask. */
export class Recorder {
  readonly #size: number;
  readonly #ring: TransitionRecord[] = [];
  #count = 0;

  /** @param size How many are remembered; 0 for none. */
  constructor(size: number) {
    this.#size = size;
  }

  /** How many were noted and are not remembered any more. */
  get forgotten(): number {
    return this.#count - this.#ring.length;
  }

  /** Those that are, oldest first. */
  get transitions(): readonly TransitionRecord[] {
    const oldest = this.#count % Math.max(1, this.#ring.length);
    return [...this.#ring.slice(oldest), ...this.#ring.slice(0, oldest)];
  }

  note(transition: TransitionRecord): void {
    if (this.#size > 0) this.#ring[this.#count % this.#size] = transition;
    this.#count++;
  }
}

/** One step as plain data: names of what happened, and nothing that a user or a server said. */
export function describeStep(
  input: Input,
  before: State,
  after: State,
  effects: readonly Effect[],
  atMs: number,
): TransitionRecord {
  return Object.freeze({
    atMs,
    input: input.type,
    detail: detailOf(input),
    from: before.phase,
    to: after.phase,
    cause: causeOf(input, effects),
    epoch: after.epoch,
    attempt: after.attempt,
    effects: namesOf(effects),
  });
}

/** Every list of effects that was ever described: the machine knows few, and a client repeats the same ones for years. */
const known = new Map<string, readonly string[]>();

function namesOf(effects: readonly Effect[]): readonly string[] {
  const names = effects.map(nameOf);
  const key = names.join();
  const same = known.get(key);
  if (same !== undefined) return same;
  known.set(key, Object.freeze(names));
  return names;
}

function detailOf(input: Input): string | null {
  switch (input.type) {
    case 'timer.fired':
      return input.timer;
    case 'user.close':
      return String(input.code);
    case 'transport.ended':
      return input.end.httpStatus === undefined
        ? String(input.end.code)
        : `HTTP ${input.end.httpStatus}`;
    default:
      return null;
  }
}

function causeOf(input: Input, effects: readonly Effect[]): Cause | null {
  for (const effect of effects) {
    if (effect.type === 'emit' && effect.event.type === 'state_change') return effect.event.cause;
  }
  return input.type === 'transport.ended' ? input.end.cause : null;
}

function nameOf(effect: Effect): string {
  switch (effect.type) {
    case 'emit':
      return `emit ${effect.event.type}`;
    case 'report':
      return `report ${effect.report.code}`;
    case 'timer.set':
    case 'timer.clear':
      return `${effect.type} ${effect.timer}`;
    default:
      return effect.type;
  }
}

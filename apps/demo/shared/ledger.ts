/** Consecutive numbers, both ends included. */
export type Range = readonly [from: number, to: number];

/** What is known of a numbered stream, seen from where it arrives. */
export interface LedgerView {
  /** The highest number that arrived; 0 before the first. */
  readonly highest: number;
  /** How many different numbers arrived. */
  readonly count: number;
  /** How many numbers below the highest have not arrived. `count + missing` is `highest`. */
  readonly missing: number;
  /** How many arrivals brought a number that was there already. */
  readonly doubled: number;
  /** How many numbers arrived, for the first time, after a higher one. */
  readonly outOfOrder: number;
  /** What is missing, lowest first: at most the newest {@link MAX_GAPS} ranges. */
  readonly gaps: readonly Range[];
}

/**
 * A gap costs memory, and the other side decides how many there are. Beyond this the oldest is let
 * go of: still counted as missing, but should it be filled after all, that counts as doubled.
 */
export const MAX_GAPS = 1_000;

/** Nothing arrived yet. */
export const EMPTY: LedgerView = {
  highest: 0,
  count: 0,
  missing: 0,
  doubled: 0,
  outOfOrder: 0,
  gaps: [],
};

/** Keeps the books of one stream of messages that are numbered 1, 2, 3, … */
export class Ledger {
  #highest = 0;
  #count = 0;
  #doubled = 0;
  #outOfOrder = 0;
  #gaps: Range[] = [];

  /** Notes an arrival. */
  record(number: number): void {
    if (number > this.#highest) this.#extend(number);
    else if (this.#fill(number)) this.#outOfOrder++;
    else this.#doubled++;
  }

  view(): LedgerView {
    return {
      highest: this.#highest,
      count: this.#count,
      missing: this.#highest - this.#count,
      doubled: this.#doubled,
      outOfOrder: this.#outOfOrder,
      gaps: this.#gaps,
    };
  }

  #extend(number: number): void {
    const next = this.#highest + 1;
    if (number > next) this.#setGaps([...this.#gaps, [next, number - 1]]);
    this.#highest = number;
    this.#count++;
  }

  #fill(number: number): boolean {
    const index = gapOf(this.#gaps, number);
    const gap = this.#gaps[index];
    if (gap === undefined) return false;
    const rest: Range[] = [];
    if (gap[0] < number) rest.push([gap[0], number - 1]);
    if (number < gap[1]) rest.push([number + 1, gap[1]]);
    this.#setGaps([...this.#gaps.slice(0, index), ...rest, ...this.#gaps.slice(index + 1)]);
    this.#count++;
    return true;
  }

  /** Always a new array: a view that was handed out stays what it was. */
  #setGaps(gaps: Range[]): void {
    this.#gaps = gaps.length > MAX_GAPS ? gaps.slice(-MAX_GAPS) : gaps;
  }
}

/** Whether the one who keeps this ledger has the number. */
export function has(ledger: LedgerView, number: number): boolean {
  return number <= ledger.highest && gapOf(ledger.gaps, number) === -1;
}

/** The index of the gap that holds a number, or -1. */
function gapOf(gaps: readonly Range[], number: number): number {
  return gaps.findIndex(([from, to]) => from <= number && number <= to);
}

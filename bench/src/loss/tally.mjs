/** What became of messages that were numbered 1, 2, 3, … as they were sent. */
export class Tally {
  sent = 0;
  doubled = 0;
  /** Came for the first time, but after a higher one. */
  reordered = 0;
  #highest = 0;
  /** @type {Set<number>} */
  #got = new Set();

  /** The next number. */
  next() {
    return ++this.sent;
  }

  /** @param {unknown} number What came. */
  note(number) {
    if (typeof number !== 'number') return;
    if (this.#got.has(number)) {
      this.doubled++;
      return;
    }
    this.#got.add(number);
    if (number < this.#highest) this.reordered++;
    else this.#highest = number;
  }

  get received() {
    return this.#got.size;
  }

  get lost() {
    return this.sent - this.#got.size;
  }
}

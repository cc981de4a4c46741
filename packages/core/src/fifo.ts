/** The places that there are at first, and again when all was taken of many: a power of two. */
const FEW = 16;

/**
 * What came first goes first. It has no bound of its own: who adds decides. A ring, so that each costs the same
 * however many wait, and what was taken is not kept.
 */
export class Fifo<Item> {
  #ring = new Array<Item | undefined>(FEW);
  #first = 0;
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** The item that stands so far behind the first; undefined when there is none. */
  at(index: number): Item | undefined {
    return index < this.#size ? this.#ring[this.#place(index)] : undefined;
  }

  push(item: Item): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[this.#place(this.#size++)] = item;
  }

  /** Takes out the first; undefined when there is none. */
  shift(): Item | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#first];
    this.#ring[this.#first] = undefined;
    this.#first = this.#place(1);
    this.#size--;
    // After a jam the room for it is given back.
    if (this.#size === 0 && this.#ring.length > FEW) this.clear();
    return item;
  }

  /** Puts another in the place of each. */
  replace(other: (item: Item) => Item): void {
    for (let index = 0; index < this.#size; index++) {
      const place = this.#place(index);
      this.#ring[place] = other(this.#ring[place] as Item);
    }
  }

  clear(): void {
    this.#ring = new Array<Item | undefined>(FEW);
    this.#first = 0;
    this.#size = 0;
  }

  #place(index: number): number {
    return (this.#first + index) & (this.#ring.length - 1);
  }

  #grow(): void {
    const bigger = new Array<Item | undefined>(this.#ring.length * 2);
    for (let index = 0; index < this.#size; index++) bigger[index] = this.#ring[this.#place(index)];
    this.#ring = bigger;
    this.#first = 0;
  }
}

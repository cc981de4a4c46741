/** What has to be said for the server to have the subscriptions that are wanted. */
export interface RollChanges {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
}

/** So many names are remembered to tell a late message from one of nobody's. */
const MAX_LEFT = 1_000;

/**
 * Which channels are wanted, by whom, and which of them the server was told of. Pure: no socket, no time.
 *
 * A name is *wanted* while someone holds it, *said* while the server has it, and *touched* when the two may differ.
 */
export class Roll<Holder> {
  readonly #wanted = new Map<string, ReadonlySet<Holder>>();
  readonly #said = new Set<string>();
  readonly #touched = new Set<string>();
  /** Given up on this connection: messages may still be on their way. */
  readonly #left = new Set<string>();

  /** How many channels are wanted. */
  get size(): number {
    return this.#wanted.size;
  }

  /** Who holds the channel; undefined when nobody does. */
  holdersOf(name: string): ReadonlySet<Holder> | undefined {
    return this.#wanted.get(name);
  }

  get holders(): readonly Holder[] {
    return [...this.#wanted.values()].flatMap((holders) => [...holders]);
  }

  isSaid(name: string): boolean {
    return this.#said.has(name);
  }

  /** Whether it was given up, and the server may not have known yet. */
  hasLeft(name: string): boolean {
    return this.#left.has(name);
  }

  hold(name: string, holder: Holder): void {
    // Sets are replaced, never changed: a handler may hold and leave while they are walked.
    this.#wanted.set(name, new Set([...(this.#wanted.get(name) ?? []), holder]));
    this.#touched.add(name);
    this.#left.delete(name);
  }

  leave(name: string, holder: Holder): void {
    const others = new Set(this.#wanted.get(name));
    if (!others.delete(holder)) return;
    if (others.size > 0) {
      this.#wanted.set(name, others);
      return;
    }
    this.#wanted.delete(name);
    // What was never said need not be taken back. While nothing can be said, all that came and went would stay here.
    if (this.#said.has(name)) this.#touched.add(name);
    else this.#touched.delete(name);
    this.#remember(name);
  }

  /** How many may have to be said. */
  get touchedCount(): number {
    return this.#touched.size;
  }

  /** What is to be said now. It counts as said until `unsaid`. */
  takeChanges(): RollChanges {
    const subscribe: string[] = [];
    const unsubscribe: string[] = [];
    for (const name of this.#touched) {
      const isWanted = this.#wanted.has(name);
      if (isWanted === this.#said.has(name)) continue;
      (isWanted ? subscribe : unsubscribe).push(name);
      if (isWanted) this.#said.add(name);
      else this.#said.delete(name);
    }
    this.#touched.clear();
    return { subscribe, unsubscribe };
  }

  /** The server was not told of these after all. */
  unsaid(names: readonly string[]): void {
    for (const name of names) this.#said.delete(name);
  }

  /** The server knows nothing any more. */
  forget(): void {
    this.#said.clear();
    this.#left.clear();
    this.#touched.clear();
    for (const name of this.#wanted.keys()) this.#touched.add(name);
  }

  #remember(name: string): void {
    this.#left.add(name);
    if (this.#left.size <= MAX_LEFT) return;
    for (const oldest of this.#left) {
      this.#left.delete(oldest);
      break;
    }
  }
}

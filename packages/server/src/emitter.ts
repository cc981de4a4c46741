import { describe, JetSocketError } from '@jetsocket/core/protocol';
import { checkFunction } from './options.js';

type OnFailed<Events> = (thrown: unknown, type: keyof Events, event: readonly unknown[]) => void;

/** Handlers by event: each is called, whatever becomes of the others. */
export class Emitter<Events extends Readonly<Record<string, readonly unknown[]>>> {
  readonly #handlers = new Map<keyof Events, readonly ((...event: never[]) => unknown)[]>();
  readonly #onFailed: OnFailed<Events>;

  readonly #names: readonly (keyof Events & string)[];

  /**
   * @param names The events that there are.
   * @param onFailed Told what a handler threw, or its promise rejected with.
   */
  constructor(names: readonly (keyof Events & string)[], onFailed: OnFailed<Events>) {
    this.#names = names;
    this.#onFailed = onFailed;
  }

  /**
   * Adds a handler. Returns a function that removes it.
   *
   * @throws {JetSocketError} `INVALID_OPTION` for an event that there is not, and a handler that is no function.
   */
  on<Type extends keyof Events>(
    type: Type,
    handler: (...event: Events[Type]) => unknown,
  ): () => void {
    if (!this.#names.some((name) => name === type)) {
      const known = this.#names.join(', ');
      throw new JetSocketError(
        'INVALID_OPTION',
        `Cannot listen to ${describe(type)}: there is no such event; there are ${known}`,
        { hint: 'Check its spelling' },
      );
    }
    checkFunction('handler', handler);
    // Each handler is a function of its own, even when it is given twice.
    const own = (...event: Events[Type]): unknown => handler(...event);
    this.#handlers.set(type, [...(this.#handlers.get(type) ?? []), own]);
    return () => {
      const left = (this.#handlers.get(type) ?? []).filter((one) => one !== own);
      this.#handlers.set(type, left);
    };
  }

  has(type: keyof Events): boolean {
    return (this.#handlers.get(type)?.length ?? 0) > 0;
  }

  /** @returns A promise when a handler returned one: it resolves when all have settled, and never rejects. */
  emit<Type extends keyof Events>(
    type: Type,
    ...event: Events[Type]
  ): Promise<unknown> | undefined {
    let waiting: Promise<unknown>[] | undefined;
    for (const handler of this.#handlers.get(type) ?? []) {
      try {
        const result = (handler as (...given: Events[Type]) => unknown)(...event);
        if (typeof result !== 'object' || result === null || !('then' in result)) continue;
        const settled = Promise.resolve(result).catch((thrown: unknown) => {
          this.#onFailed(thrown, type, event);
        });
        (waiting ??= []).push(settled);
      } catch (thrown) {
        this.#onFailed(thrown, type, event);
      }
    }
    return waiting === undefined ? undefined : Promise.all(waiting);
  }
}

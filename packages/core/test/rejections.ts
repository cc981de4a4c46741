/** Promises that reject with nobody listening: Node tells of them once the microtasks are done. */
export function watchRejections(): { readonly unhandled: unknown[]; readonly stop: () => void } {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  return { unhandled, stop: () => process.off('unhandledRejection', note) };
}

/** Resolves in the next turn of the event loop: by then Node has told. */
export const afterTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

import { hash } from 'node:crypto';
import { type Action, type Subject, World, type WorldSize } from './world.js';

/** What an exploration came to. */
export interface Exploration {
  /** How many states there are. */
  readonly states: number;
  /** In how many of them all is quiet, and how many are an end: nothing more can happen. */
  readonly quiet: number;
  readonly ends: number;
  /** The first broken promise, and how it came to it. */
  readonly failure: { readonly complaint: string; readonly path: readonly Action[] } | undefined;
}

/**
 * Tries every order in which things can happen. A state is reached by doing again all that led to it: the code
 * under test need not be copied, and is the real one.
 *
 * @param isWhole Tries also the orders of which `World.actions` says that they come to the same.
 */
export async function explore(
  subject: Subject,
  size: WorldSize,
  isWhole: boolean = false,
): Promise<Exploration> {
  const seen = new Set<string>();
  const paths: (readonly Action[])[] = [[]];
  let [quiet, ends] = [0, 0];
  while (paths.length > 0) {
    const path = paths.pop() ?? [];
    const walked = [...path];
    try {
      const world = new World(subject, size);
      for (const action of path) {
        const more = world.perform(action);
        // Only where there is something to wait for: a turn costs more than most steps.
        if (more !== undefined) await more;
      }
      // Down to the end of this branch; the others wait.
      for (;;) {
        world.check();
        // Short: there are millions of them.
        const print = hash('sha1', world.fingerprint(), 'base64');
        if (seen.has(print)) break;
        seen.add(print);
        if (world.isQuiet) quiet++;
        const [first, ...rest] = isWhole ? world.allActions() : world.actions();
        if (first === undefined) {
          ends++;
          break;
        }
        for (const action of rest) paths.push([...walked, action]);
        walked.push(first);
        const more = world.perform(first);
        if (more !== undefined) await more;
      }
    } catch (thrown) {
      const complaint = thrown instanceof Error ? thrown.message : String(thrown);
      return { states: seen.size, quiet, ends, failure: { complaint, path: walked } };
    }
  }
  return { states: seen.size, quiet, ends, failure: undefined };
}

/**
 * Lets what is already resolved run on: promises, and what waits for them. No timer fires.
 *
 * Nothing tells when no microtask is left, so this is a number of turns: the longest chain of
 * promises in a client takes about ten.
 */
export async function settle(turns: number = 24): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}

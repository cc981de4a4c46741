/** The system's dice: called once for each socket, for the seed of its delays. Not fit for secrets. */
export const systemRandom = (): number => Math.random();

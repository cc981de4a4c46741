/** The system's dice: called once for each socket, for the seed of its delays. Not fit for secrets. */
export const systemRandom = (): number => Math.random();

/** 128 random bits as 32 hexadecimal digits, from dice that are fit for secrets. */
export function randomId(): string {
  let id = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(16)))
    id += byte.toString(16).padStart(2, '0');
  return id;
}

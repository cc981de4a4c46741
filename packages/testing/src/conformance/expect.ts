/**
 * What the checks hold to be so. Not a test runner's, since they run where none does: in pages, in
 * workers, in any runtime. A check fails by throwing.
 */
export function expect(actual: unknown): Expectation {
  return {
    toBe(expected) {
      if (!Object.is(actual, expected)) throw unexpected(actual, expected);
    },
    toEqual(expected) {
      if (!isEqual(actual, expected)) throw unexpected(actual, expected);
    },
  };
}

interface Expectation {
  /** The very same. */
  toBe(expected: unknown): void;
  /** The same, or arrays of the same. */
  toEqual(expected: unknown): void;
}

function isEqual(actual: unknown, expected: unknown): boolean {
  if (!Array.isArray(actual) || !Array.isArray(expected)) return Object.is(actual, expected);
  const others: readonly unknown[] = actual;
  return (
    others.length === expected.length && others.every((one, index) => isEqual(one, expected[index]))
  );
}

function unexpected(actual: unknown, expected: unknown): Error {
  return new Error(`Expected ${shown(expected)}, got ${shown(actual)}`);
}

function shown(value: unknown): string {
  // What is undefined would be nothing, or null within an array.
  const text = JSON.stringify(value, (_name, one: unknown) =>
    one === undefined ? 'undefined' : one,
  );
  return text.slice(0, 1_000);
}

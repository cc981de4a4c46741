/** What a check expects. The names are those of test runners, but nothing of a runner is needed. */
export interface Expectation {
  /** The very same value. */
  toBe(expected: unknown): void;
  /** The same value, or a list of values that are. */
  toEqual(expected: unknown): void;
}

/** @throws {Error} From the expectation, when it is not so: with both values. */
export function expect(actual: unknown): Expectation {
  return {
    toBe(expected) {
      if (!Object.is(actual, expected)) fail(actual, expected);
    },
    toEqual(expected) {
      if (!isEqual(actual, expected)) fail(actual, expected);
    },
  };
}

function isEqual(actual: unknown, expected: unknown): boolean {
  if (!Array.isArray(actual) || !Array.isArray(expected)) return Object.is(actual, expected);
  return (
    actual.length === expected.length &&
    expected.every((value, index) => isEqual(actual[index], value))
  );
}

function fail(actual: unknown, expected: unknown): never {
  throw new Error(`Expected ${show(expected)}, and got ${show(actual)}`);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** Enough to tell two values apart by. */
const MAX_SHOWN = 200;

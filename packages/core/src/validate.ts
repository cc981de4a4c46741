/** Checks of option values. Each names the option, what it got and what it takes. */
import { describe, JetSocketError } from './errors.js';
import type { Provider } from './options.js';
import { utf8Bytes } from './utf8.js';

export function invalid(
  option: string,
  got: unknown,
  takes: string,
  hint?: string,
): JetSocketError {
  return refusal(option, describe(got), takes, hint);
}

/** For what may be a secret: its kind is told, and no more. */
function invalidSecret(option: string, got: unknown, takes: string, hint?: string): JetSocketError {
  const isText = typeof got === 'string';
  return refusal(option, isText ? `a string of ${got.length}` : describe(got), takes, hint);
}

const refusal = (option: string, got: string, takes: string, hint?: string): JetSocketError =>
  new JetSocketError(
    'INVALID_OPTION',
    `Cannot use option ${option}: it got ${got}, and takes ${takes}`,
    { hint },
  );

/** An object without keys that mean nothing: a misspelt option would be a silent default. */
export function known<Given extends object>(
  option: string,
  value: Given,
  names: readonly string[],
  takes: string = 'an object',
): Given {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const isPlatformStyle =
      option === 'options' && (typeof value === 'string' || Array.isArray(value));
    const hint = isPlatformStyle ? 'Subprotocols are an option: { protocols: … }' : undefined;
    throw invalid(option, value, takes, hint);
  }
  for (const [key, given] of Object.entries(value)) {
    // What is undefined is not given: presets and spreads leave such behind.
    if (given === undefined || names.some((name) => name === key)) continue;
    const full = option === 'options' ? key : `${option}.${key}`;
    throw new JetSocketError(
      'INVALID_OPTION',
      `Cannot use option ${full}: there is no such option; ${option} takes ${names.join(', ')}`,
      { hint: hintFor(full) },
    );
  }
  return value;
}

/** Options of the Node package, which the packages for every platform do not have. */
const NODE_ONLY = /^(agent|compression|tls)$/;

function hintFor(option: string): string {
  if (NODE_ONLY.test(option)) return 'It is one of @jetsocket/node';
  return option === 'signal' ? 'Give it to connect() of the socket' : 'Check its spelling';
}

export function integer(
  option: string,
  value: unknown,
  min: number,
  max: number,
  fallback: number,
): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max)
    return value;
  throw invalid(option, value, `an integer from ${min} to ${max}`);
}

/** A number of things: a whole number, or Infinity for no limit. */
export function count(option: string, value: unknown, min: number, fallback: number): number {
  if (value === undefined) return fallback;
  if (value === Infinity || (Number.isSafeInteger(value) && Number(value) >= min))
    return Number(value);
  throw invalid(option, value, `an integer from ${min}, or Infinity`);
}

export function number(
  option: string,
  value: unknown,
  min: number,
  max: number,
  fallback: number,
): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw invalid(option, value, `a number from ${min} to ${max}`);
}

export function boolean(option: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value === 'boolean') return value;
  throw invalid(option, value, 'true or false');
}

export function booleanOrFunction<Given>(
  option: string,
  value: Given | undefined,
  fallback: Given,
): Given {
  if (value === undefined) return fallback;
  if (typeof value === 'boolean' || typeof value === 'function') return value;
  throw invalid(option, value, 'true, false or a function');
}

export function oneOf<Choice extends string>(
  option: string,
  value: Choice | undefined,
  choices: readonly Choice[],
  fallback: Choice,
): Choice {
  if (value === undefined) return fallback;
  if (choices.includes(value)) return value;
  throw invalid(option, value, choices.map((choice) => `'${choice}'`).join(' or '));
}

export function optionalFunction<Given>(
  option: string,
  value: Given | undefined,
): Given | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw invalid(option, value, 'a function');
}

/** An object with these methods. */
export function object<Given extends object>(
  option: string,
  value: Given | undefined,
  methods: readonly (keyof Given & string)[],
): Given {
  const takes = `an object with ${methods.map((method) => `${method}()`).join(', ')}`;
  if (typeof value !== 'object' && typeof value !== 'function') throw invalid(option, value, takes);
  if (value === null || methods.some((method) => typeof value[method] !== 'function')) {
    throw invalid(option, value, takes);
  }
  return value;
}

export function shortText(option: string, value: unknown, maxBytes: number): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && utf8Bytes(value) <= maxBytes) return value;
  throw invalid(option, value, `a string of up to ${maxBytes} bytes`);
}

/** Subprotocols are tokens of RFC 9110 and differ from each other: the platform throws otherwise, later. */
export function protocols(
  value: Provider<string | readonly string[]> | undefined,
): Provider<string | readonly string[]> {
  if (value === undefined) return [];
  if (typeof value === 'function') return value;
  return protocolList(value);
}

export function protocolList(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const tokens = list.filter(
    (item): item is string => typeof item === 'string' && TOKEN.test(item),
  );
  if (tokens.length === list.length && new Set(tokens).size === tokens.length) return tokens;
  // A subprotocol may carry a token, and a token with `=` at its end is how one gets here.
  throw invalidSecret(
    'protocols',
    value,
    "a name or an array of different names, made of letters, digits and !#$%&'*+-.^_`|~, or a function that returns such",
  );
}

/** What a header's value may hold (RFC 9110 §5.5): visible characters, spaces, tabs, and the upper half of Latin-1. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

export function headers(
  value: Provider<Readonly<Record<string, string>>> | undefined,
  taken: boolean,
): Provider<Readonly<Record<string, string>>> {
  if (value === undefined) return {};
  if (!taken) {
    throw invalidSecret(
      'headers',
      value,
      'nothing here: this platform cannot set handshake headers',
      'A browser sends cookies by itself; put a short-lived token into the URL or a subprotocol, with url or protocols as a function',
    );
  }
  return typeof value === 'function' ? value : headerRecord(value);
}

export function headerRecord(value: unknown): Readonly<Record<string, string>> {
  // A `Headers` or a `Map` has nothing that could be seen here, and would send nothing.
  const isIterable = typeof value === 'object' && value !== null && Symbol.iterator in value;
  if (typeof value !== 'object' || value === null || isIterable) {
    const hint = isIterable ? 'Of a Headers or a Map make one by Object.fromEntries()' : undefined;
    const takes = 'an object of strings, or a function that returns one';
    throw invalidSecret('headers', value, takes, hint);
  }
  for (const [name, content] of Object.entries(value)) {
    if (!TOKEN.test(name))
      throw invalidSecret('headers', name, "names made of letters, digits and !#$%&'*+-.^_`|~");
    if (typeof content !== 'string' || !FIELD_VALUE.test(content)) {
      throw invalidSecret(
        `headers.${name}`,
        content,
        'a string of Latin-1 characters without line breaks',
      );
    }
  }
  return value as Readonly<Record<string, string>>;
}

/**
 * A close code that an application may send: 1000, or 3000 to 4999 (RFC 6455 §7.4.2).
 *
 * @throws {JetSocketError} `INVALID_OPTION`.
 */
export function closeCode(value: unknown): number {
  if (value === undefined) return 1000;
  if (value === 1000) return value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 3000 && value <= 4999)
    return value;
  throw invalid('code', value, '1000, or an integer from 3000 to 4999');
}

/** An `AbortSignal`, or none. */
export function signal<Given extends object>(value: Given | undefined): Given | undefined {
  if (value === undefined) return undefined;
  const isSignal =
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    'addEventListener' in value;
  if (isSignal) return value;
  throw invalid('signal', value, 'an AbortSignal');
}

/** A Standard Schema of version 1, or none. Some libraries' schemas are functions. */
export function schema<Given extends object>(
  option: string,
  value: Given | undefined,
): Given | undefined {
  if (value === undefined) return undefined;
  const takes =
    'a Standard Schema, version 1, as those of zod, valibot and arktype: see standardschema.dev';
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const standard: unknown = isObject && '~standard' in value ? value['~standard'] : undefined;
  if (typeof standard !== 'object' || standard === null) throw invalid(option, value, takes);
  const isFirst = 'version' in standard && standard.version === 1;
  if (isFirst && 'validate' in standard && typeof standard.validate === 'function') return value;
  throw invalid(option, value, takes);
}

/** Checks of arguments. Each complaint names the method, the option, what it takes and what it got. */
import { FaultProxyError } from './errors.js';

export function invalid(method: string, option: string, takes: string, got: unknown): Error {
  return new FaultProxyError(
    'INVALID_OPTION',
    `Cannot use ${method}: ${option} takes ${takes}, and got ${describe(got)}`,
  );
}

/** An object without keys that mean nothing: a misspelt option would be a silent default. */
export function known<Given extends object>(
  method: string,
  option: string,
  value: Given,
  names: readonly (keyof Given & string)[],
): Given {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(method, option, 'an object', value);
  }
  const stranger = Object.keys(value).find((key) => !names.some((name) => name === key));
  if (stranger === undefined) return value;
  throw new FaultProxyError(
    'INVALID_OPTION',
    `Cannot use ${method}: there is no option ${stranger}; ${option} takes ${names.join(', ')}`,
  );
}

export function number(
  method: string,
  option: string,
  value: unknown,
  [min, max]: readonly [min: number, max: number],
): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw invalid(method, option, `a number from ${min} to ${max}`, value);
}

export function integer(
  method: string,
  option: string,
  value: unknown,
  [min, max]: readonly [min: number, max: number],
): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw invalid(method, option, `an integer from ${min} to ${max}`, value);
}

export function oneOf<Choice extends string>(
  method: string,
  option: string,
  value: Choice,
  choices: readonly Choice[],
): Choice {
  if (choices.includes(value)) return value;
  const list = choices.map((choice) => `'${choice}'`).join(' or ');
  throw invalid(method, option, list, value);
}

export function boolean(method: string, option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(method, option, 'true or false', value);
}

export function callback<Given>(method: string, option: string, value: Given): Given {
  if (typeof value === 'function') return value;
  throw invalid(method, option, 'a function', value);
}

export function text(method: string, option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(method, option, 'a string that is not empty', value);
}

/** A value as it may stand in a message, never more than 80 characters of it. */
function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 80)}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 80);
  return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
}

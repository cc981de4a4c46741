import { asError, describe, JetSocketError } from '../errors.js';
import { LATER } from '../delivery/exchange.js';
import type { SchemaIssue, StandardSchema } from '../standard-schema.js';
import { isThenable } from '../thenable.js';
import type { Line } from './line.js';

/** Where messages go, whether or not the schema takes them. */
export interface GateOutlet<In> {
  pass(message: In, id: number | string | null, isReplayed: boolean): void;
  refuse(error: JetSocketError): void;
  /** @returns What to call when the message with this id, which waits, is done with. */
  completion(id: number | string | null): () => void;
  takeBytes(): number;
  giveBytes(bytes: number): void;
  /** A message had to be dropped: too many are being looked at. */
  lost(id: number | string | null, isReplayed: boolean): void;
}

/** The last thing that is done to a message: the schema looks at it, once it is known to be no duplicate and in order. */
export class Gate<In> {
  readonly #schema: StandardSchema<unknown, In>['~standard'];
  readonly #line: Line;
  readonly #outlet: GateOutlet<In>;

  constructor(schema: StandardSchema<unknown, In>, line: Line, outlet: GateOutlet<In>) {
    this.#schema = schema['~standard'];
    this.#line = line;
    this.#outlet = outlet;
  }

  /** @returns `LATER` when the message is not done with yet. */
  take(message: unknown, id: number | string | null, isReplayed: boolean): unknown {
    let result: unknown;
    try {
      result = this.#schema.validate(message);
    } catch (thrown) {
      if (this.#line.isWaiting) result = Promise.reject(asError(thrown));
      else {
        this.#outlet.refuse(failed(thrown, message));
        return undefined;
      }
    }
    if (!isThenable(result) && !this.#line.isWaiting) {
      this.#judge(result, message, id, isReplayed);
      return undefined;
    }
    const promise = isThenable(result) ? result : Promise.resolve(result);
    return this.#wait(promise, message, id, isReplayed);
  }

  #wait(
    promise: PromiseLike<unknown>,
    message: unknown,
    id: number | string | null,
    isReplayed: boolean,
  ): unknown {
    const done = this.#outlet.completion(id);
    const bytes = this.#outlet.takeBytes();
    const isTaken = this.#line.add(promise, bytes, (outcome) => {
      this.#outlet.giveBytes(bytes);
      if (outcome.isFulfilled) this.#judge(outcome.value, message, id, isReplayed);
      else this.#outlet.refuse(failed(outcome.thrown, message));
      done();
    });
    if (!isTaken) this.#outlet.lost(id, isReplayed);
    return LATER;
  }

  #judge(result: unknown, message: unknown, id: number | string | null, isReplayed: boolean): void {
    let verdict: Verdict<In> | undefined;
    try {
      verdict = read<In>(result);
    } catch (thrown) {
      return this.#outlet.refuse(failed(thrown, message));
    }
    if (verdict === undefined) {
      const error = new TypeError(`it answered with ${describe(result)}, not with a result`);
      this.#outlet.refuse(failed(error, message));
    } else if (verdict.issues === undefined) {
      this.#outlet.pass(verdict.value, id, isReplayed);
    } else {
      this.#outlet.refuse(invalid(verdict.issues, message));
    }
  }
}

type Verdict<In> =
  { readonly issues: undefined; readonly value: In } | { readonly issues: readonly SchemaIssue[] };

/** What a schema returned, looked at: it is somebody's code, and may return anything. */
function read<In>(result: unknown): Verdict<In> | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  const issues: unknown = 'issues' in result ? result.issues : undefined;
  if (Array.isArray(issues)) return { issues: issues as readonly SchemaIssue[] };
  if (issues !== undefined || !('value' in result)) return undefined;
  // That it is an `In` is what a schema is for.
  return { issues: undefined, value: result.value as In };
}

/** How many issues are told in the text; the error carries all of them. */
const MAX_TOLD = 3;

function invalid(issues: readonly SchemaIssue[], data: unknown): JetSocketError {
  const told = issues.slice(0, MAX_TOLD).map(tell).join('; ');
  const more = issues.length > MAX_TOLD ? `; and ${issues.length - MAX_TOLD} more` : '';
  return new JetSocketError(
    'INVALID_MESSAGE',
    `A message is not what schema takes: ${told}${more}`,
    {
      issues,
      data,
      hint: 'error.issues says what is wrong, error.data is the message; it was not delivered',
    },
  );
}

function failed(thrown: unknown, data: unknown): JetSocketError {
  const { message } = asError(thrown);
  return new JetSocketError('INVALID_MESSAGE', `The schema failed at a message: ${message}`, {
    cause: thrown,
    data,
    hint: 'A schema has to answer for every message, within codecTimeoutMs; this one was not delivered',
  });
}

function tell(issue: SchemaIssue): string {
  try {
    const path = (issue.path ?? []).map((step) =>
      String(typeof step === 'object' ? step.key : step),
    );
    return path.length === 0 ? issue.message : `${path.join('.')}: ${issue.message}`;
  } catch {
    return 'an issue that cannot be read';
  }
}

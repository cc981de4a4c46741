/**
 * The interface that validators share, as https://standardschema.dev has it in version 1. Declared here once more,
 * as the specification suggests, so that nothing has to be installed for it.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What the specification asks for, apart from everything that is of the library alone. */
  readonly '~standard': {
    /** Of the specification. */
    readonly version: 1;
    /** Who made it: `zod`, `valibot`, `arktype`, … */
    readonly vendor: string;
    /** The value, or what is wrong with it. */
    validate(
      value: unknown,
    ): StandardSchemaResult<Output> | PromiseLike<StandardSchemaResult<Output>>;
    /** For types alone. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: the value, perhaps transformed, or what is wrong with it. */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value, and where in it. */
export interface SchemaIssue {
  /** What is wrong, for people. */
  readonly message: string;
  /** Where: the keys from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * What documents say beside the schemas, as it lies compressed in the generated file: the words of
 * definitions, and every path with its operations.
 */
export interface EncodedOpenApi {
  /** Definition → field → its description; the definition's own has the name ''. */
  readonly words: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Parameters, bodies and responses, each distinct one once; operations point at them by index. */
  readonly shared: readonly unknown[];
  /** Path of a document (`apis/apps/v1`) → path → method → operation. */
  readonly documents: Readonly<Record<string, Readonly<Record<string, EncodedPath>>>>;
  /** The kinds of definitions that every group version has: `DeleteOptions` and `WatchEvent`. */
  readonly kindsOfEveryGroup: Readonly<Record<string, readonly GroupVersionKind[]>>;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Lists and objects that several operations have in common are indexes into `shared`. */
export type EncodedPath = Readonly<Record<string, unknown>>;

/** Fields of a path or an operation that are a list of indexes, or an index. */
export const sharedFields: ReadonlySet<string> = new Set([
  'parameters',
  'requestBody',
  'responses',
]);

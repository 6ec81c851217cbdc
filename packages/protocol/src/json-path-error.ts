/** A JSONPath that cannot be read, or does not fit what it is applied to. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}

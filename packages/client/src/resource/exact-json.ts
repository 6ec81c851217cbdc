/** Loaded when there is something to write, or an integer to read that no number holds. */
import { stringifyJson } from '@fairway/protocol';

export { parseJson } from '@fairway/protocol';

/** The bytes of what is JSON; undefined for what is not. */
export function encodeJson(value: unknown): Uint8Array | undefined {
  const text = stringifyJson(value);
  return text === undefined ? undefined : new TextEncoder().encode(text);
}

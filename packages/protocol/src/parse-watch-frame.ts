import { parseJson } from './json-text.ts';
import { describeJsonSyntaxError } from './json-syntax-error.ts';
import type { KubernetesObject } from './object-meta.ts';
import type { Status } from './status.ts';
import type { WatchEvent } from './watch-event.ts';

/** What a frame turned out to be. `malformed` means that the other end does not speak watch. */
export type ParsedWatchFrame<T extends KubernetesObject> =
  | { readonly kind: 'event'; readonly event: WatchEvent<T> }
  | { readonly kind: 'malformed'; readonly problem: string };

/**
 * Reads the event of one frame (a line without its newline).
 *
 * A client trusts the server not to name a field twice: to look for that would take longer than
 * all else together.
 */
export function parseWatchFrame<T extends KubernetesObject = KubernetesObject>(
  frame: Uint8Array,
): ParsedWatchFrame<T> {
  let value: unknown;
  try {
    value = parseJson(decoder.decode(frame));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: 'malformed', problem: describeJsonSyntaxError(frame) ?? error.message };
  }
  const { type, object } = (value ?? {}) as { type?: unknown; object?: unknown };
  if (typeof object !== 'object' || object === null) {
    return { kind: 'malformed', problem: 'a watch event without an object' };
  }
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { kind: 'event', event: { type, object: object as T } };
    case 'BOOKMARK':
      return { kind: 'event', event: { type, object } };
    case 'ERROR':
      return { kind: 'event', event: { type, object: object as Status } };
    default:
      return { kind: 'malformed', problem: `an unknown watch event type ${JSON.stringify(type)}` };
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

import type { KubernetesObject } from './object-meta.ts';
import type { Status } from './status.ts';
import { decodeJson } from './strict-json.ts';
import type { WatchEvent } from './watch-event.ts';

/** What a frame turned out to be. `malformed` means that the other end does not speak watch. */
export type ParsedWatchFrame<T extends KubernetesObject> =
  | { readonly kind: 'event'; readonly event: WatchEvent<T> }
  | { readonly kind: 'malformed'; readonly problem: string };

/** Reads the event of one frame (a line without its newline). */
export function parseWatchFrame<T extends KubernetesObject = KubernetesObject>(
  frame: Uint8Array,
): ParsedWatchFrame<T> {
  const decoded = decodeJson(frame);
  if (decoded.kind === 'malformed') return decoded;
  const { type, object } = (decoded.value ?? {}) as { type?: unknown; object?: unknown };
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

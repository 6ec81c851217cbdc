import type { KubernetesObject } from './object-meta.ts';
import type { Status } from './status.ts';

/** What a watch says, one after the other. Source: meta/v1 WatchEvent. */
export type WatchEvent<T extends KubernetesObject = KubernetesObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Says how far the watch has come: nothing but a `metadata.resourceVersion`. */
  | { readonly type: 'BOOKMARK'; readonly object: KubernetesObject }
  /** The last of its watch. Code 410 means: list again. */
  | { readonly type: 'ERROR'; readonly object: Status };

/**
 * Makes the frame of an event from the JSON of its object: one line of the stream.
 *
 * Bytes in, bytes out: an object is encoded once and its frame shared by every watcher.
 */
export function encodeWatchFrame(type: WatchEvent['type'], object: Uint8Array): Uint8Array {
  const head = frameHeads[type];
  const frame = new Uint8Array(head.length + object.length + frameTail.length);
  frame.set(head);
  frame.set(object, head.length);
  frame.set(frameTail, head.length + object.length);
  return frame;
}

function frameHead(type: WatchEvent['type']): Uint8Array {
  return new TextEncoder().encode(`{"type":"${type}","object":`);
}

const frameHeads: Readonly<Record<WatchEvent['type'], Uint8Array>> = {
  ADDED: frameHead('ADDED'),
  MODIFIED: frameHead('MODIFIED'),
  DELETED: frameHead('DELETED'),
  BOOKMARK: frameHead('BOOKMARK'),
  ERROR: frameHead('ERROR'),
};

const frameTail = new TextEncoder().encode('}\n');

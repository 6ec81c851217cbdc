import type { KubernetesObject } from '@fairway/protocol';

/**
 * What a collection is and how it changes, so that a follower can keep a copy of it without
 * buffering a list:
 *
 * - `Init`: everything is sent again. Keep what you have; discard what an unfinished earlier `Init`
 * sent. - `InitApply`: exists. One for every object. - `InitDone`: that was all. What was held
 * before and has not come since `Init` is gone. - `Apply`: has been created or changed. - `Delete`:
 * is gone; the object in its last state. May come between `Init` and `InitDone`.
 */
export type ReflectEvent<T extends KubernetesObject> =
  | { readonly type: 'Init' }
  | { readonly type: 'InitApply'; readonly object: T }
  | { readonly type: 'InitDone'; readonly resourceVersion: string }
  | { readonly type: 'Apply'; readonly object: T }
  | { readonly type: 'Delete'; readonly object: T };

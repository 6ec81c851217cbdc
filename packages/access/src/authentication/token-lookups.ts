/** What must be known of an object that a token depends on: without it the token is invalid. */
export interface LiveObject {
  readonly uid: string;
  /** RFC 3339; set while the object waits to be deleted. */
  readonly deletionTimestamp?: string;
}

/** A secret of type `kubernetes.io/service-account-token`. */
export interface TokenSecret extends LiveObject {
  readonly token: string;
  /** Labels; see `lastUsedLabel` and `invalidSinceLabel`. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The day on which the token in a secret was used last: `2026-11-28`. */
export const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
/** The day since which the token in a secret is refused. */
export const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';

type Found<T> = T | undefined | Promise<T | undefined>;

/** The objects that tokens depend on, as they are now; undefined when there is no such object. */
export interface TokenLookups {
  readonly findServiceAccount: (namespace: string, name: string) => Found<LiveObject>;
  /** The pod, secret or node that a token is bound to. `namespace` is empty for a node. */
  readonly findBoundObject: (kind: BoundKind, namespace: string, name: string) => Found<LiveObject>;
  readonly findTokenSecret: (namespace: string, name: string) => Found<TokenSecret>;
  /**
   * Called with a day on which a token in a secret is used, when its label does not say so yet. It must
   * not fail: the token is good all the same.
   */
  readonly noteUsed: (namespace: string, secretName: string, day: string) => Promise<void>;
}

export type BoundKind = 'pod' | 'secret' | 'node';

import type { FieldError, KubernetesObject } from '@fairway/protocol';

/**
 * What the API does to objects of one kind beyond what their schema says: plain data and pure
 * functions, about one file a kind, collected in `all-kind-rules.ts`.
 *
 * A `draft` is an object that was just decoded and that nobody else holds: rules change it in place.
 * `stored` is what the store holds and is never changed.
 */
export interface KindRules<T extends KubernetesObject = KubernetesObject> {
  /** Says what is wrong with a name, in the API's words; undefined when it is fine. */
  readonly checkName: NameCheck;
  /** Finalizers need no domain. Only the kinds of Kubernetes itself insist on one. */
  readonly allowsPlainFinalizers?: boolean;
  /** Fills in what the caller left out. Must not change an object that it has already filled. */
  readonly applyDefaults?: (draft: T) => void;
  /**
   * Before validation of a create: drops what callers may not set (status), sets what starts so.
   * The uid and the creation time are set already. `warn` tells the caller what was made of it.
   */
  readonly prepareForCreate?: (draft: T, warn: (text: string) => void) => void;
  /** Before validation of an update of the main resource: keeps what it may not touch (status). */
  readonly prepareForUpdate?: (draft: T, stored: T) => void;
  /** Before validation of an update of `/status`: keeps everything but the status. */
  readonly prepareForStatusUpdate?: (draft: T, stored: T) => void;
  /** The same for the other subresources that are views of the object, by their names. */
  readonly prepareForSubresource?: Readonly<Record<string, (draft: T, stored: T) => void>>;
  /**
   * All that is wrong with a complete object, metadata aside. In an update, `stored` is what it takes
   * the place of, for kinds that let pass what was there before.
   */
  readonly validate?: (object: T, stored?: T) => readonly FieldError[];
  /**
   * The same for what may take long, because callers decide about the rules: others have their turn
   * meanwhile. `warn` is told of what is wrong and let pass.
   */
  readonly validateInTurns?: (
    object: T,
    stored: T | undefined,
    warn: (text: string) => void,
  ) => Promise<readonly FieldError[]>;
  /** What is wrong with a new object only, beside `validate`. */
  readonly validateCreate?: (object: T) => readonly FieldError[];
  /** What is wrong with the change, beside `validate`. */
  readonly validateUpdate?: (object: T, stored: T) => readonly FieldError[];
  /** The same for an update of a subresource that has rules of its own, by its name. */
  readonly validateSubresource?: Readonly<
    Record<string, (object: T, stored: T) => readonly FieldError[]>
  >;
  readonly deletion?: DeletionRules<T>;
  /** Field selectors beyond `metadata.name` and `metadata.namespace`. */
  readonly fieldLabels?: Readonly<Record<string, (object: T) => string>>;
  /**
   * What the caller is told of an object that is taken all the same: what is deprecated, has no effect
   * or may not be meant. `stored` is what it takes the place of. Read no further than it is sent.
   */
  readonly warnings?: (object: T, stored?: T) => Iterable<string>;
  /** The same of who writes its `/status`. */
  readonly statusWarnings?: (object: T) => Iterable<string>;
}

/** What happens between the wish to delete an object and its end, where that is not at once. */
export interface DeletionRules<T extends KubernetesObject = KubernetesObject> {
  /** How long the object stays; absent: no time. `requestedSeconds` is what the caller asked for. */
  readonly graceSeconds?: (object: T, requestedSeconds: number | undefined) => number;
  /** True while something beside finalizers and grace keeps the object alive. */
  readonly isHeld?: (object: T) => boolean;
  /** The wish does not count as a change of the object, and says nothing of grace. */
  readonly isQuiet?: boolean;
  /** A delete answers the object as it was; absent: a Status. */
  readonly answersObject?: boolean;
  /** Why the object stays whoever wants it gone; undefined: it may go. */
  readonly refusal?: (object: T) => string | undefined;
  /** Marks the object as going away, on top of its deletionTimestamp. */
  readonly begin?: (draft: T) => void;
}

/** `isPrefix`: the name is a `generateName`, which may end in a dash. */
export type NameCheck = (
  name: string,
  options: { readonly isPrefix: boolean },
) => string | undefined;

import type { JsonObject } from '@fairway/protocol';
import type { FieldPath } from './field-path.ts';

/**
 * One rule of what happens to pretended pods or nodes: to which ones, after how long, and what.
 *
 * Source: the Stage of kwok (`kwok.x-k8s.io/v1alpha1`), whose templates of a status are exchanged for what
 * the containers do (docs/decisions/0037-stages-say-what-containers-do.md).
 */
export interface Stage {
  readonly name: string;
  readonly kind: 'Pod' | 'Node';
  /** All of them must hold. */
  readonly requirements: readonly FieldRequirement[];
  /**
   * Of several stages that an object is ready for, chance takes one by their weights; those without a weight
   * only where none has one.
   */
  readonly weight: Sourced<number>;
  readonly delay: StageDelay;
  readonly next: StageNext;
}

/** A value, and where an object may have one of its own. */
export interface Sourced<T> {
  readonly value: T;
  readonly from?: FieldPath;
}

export interface FieldRequirement {
  readonly path: FieldPath;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

/** Between the duration and the jitter, by chance; the jitter alone where it is the shorter one. */
export interface StageDelay {
  readonly durationMs: Sourced<number>;
  readonly jitterMs: Sourced<number | undefined>;
}

/** What happens. */
export interface StageNext {
  readonly event?: StageEvent;
  /** What the containers of a pod do. */
  readonly containers?: ContainerAction;
  /** How a node says that it is. */
  readonly node?: NodeAction;
  /** Ends a pod for a reason outside of its containers: `Evicted`. */
  readonly fail?: FailAction;
  /** Merged into the status; elements of lists that have a name or type, by these. */
  readonly status?: JsonObject;
  readonly isDeleted?: boolean;
}

export interface StageEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What a program may do, in the order in which it does. */
export const containerStates = ['Created', 'Running', 'Ready', 'NotReady', 'Exited'] as const;

export type ContainerAction =
  | {
      readonly state: Exclude<(typeof containerStates)[number], 'Exited'>;
      /** Only the container of this name; all of them when empty. */
      readonly name: Sourced<string>;
    }
  | {
      readonly state: 'Exited';
      readonly name: Sourced<string>;
      readonly exitCode: Sourced<number>;
      /** `Completed` or `Error`, by the code, when empty. */
      readonly reason: Sourced<string>;
      readonly message: Sourced<string>;
    };

export interface NodeAction {
  readonly isReady: boolean;
  readonly reason: Sourced<string>;
  readonly message: Sourced<string>;
}

export interface FailAction {
  readonly reason: string;
  readonly message: string;
}

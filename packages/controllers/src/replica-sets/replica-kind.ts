import { ReplicaSet } from '@fairway/kinds/apps/v1';
import { ReplicationController } from '@fairway/kinds/core/v1';
import {
  type DeepReadonly,
  type LabelSelector,
  type ResourceDescriptor,
  parseLabelSelectorObject,
} from '@fairway/protocol';
import { selectorOf } from '../owned-objects/selected-objects.ts';

/** What keeps a number of pods alive. */
export type ReplicaOwner = ReplicaSet | ReplicationController;

/** A kind of it, and how its objects differ from those of the other. */
export interface ReplicaKind<T extends ReplicaOwner> {
  readonly kind: ResourceDescriptor<T>;
  readonly selectorOf: (owner: DeepReadonly<T>) => LabelSelector;
  /** Its status counts the pods that were deleted and have not ended. */
  readonly countsTerminating: boolean;
}

export const replicaSetKind: ReplicaKind<ReplicaSet> = {
  kind: ReplicaSet,
  selectorOf,
  countsTerminating: true,
};

export const replicationControllerKind: ReplicaKind<ReplicationController> = {
  kind: ReplicationController,
  selectorOf: ({ spec }) => parseLabelSelectorObject({ matchLabels: spec?.selector ?? {} }),
  countsTerminating: false,
};

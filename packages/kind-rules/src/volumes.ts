/** What binds volumes to claims: which suit, and how all who take part tell each other. Loads nothing else of this package. */
export {
  type HeldClaim,
  type HeldVolume,
  bestVolume,
  claimRefTo,
  isMeantFor,
  isTooSmall,
  volumesFor,
  wantsMore,
  whyUnsuitable,
} from './volumes/matching-volumes.ts';
export {
  bindCompleted,
  boundByController,
  classNameOf,
  provisionedBy,
  selectedNode,
  storageProvisioner,
  storageProvisionerBefore,
} from './volumes/volume-annotations.ts';

import type { PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import { type DeepReadonly, type Quantity, compareQuantities } from '@fairway/protocol';
import { classNameOf } from '../volumes/volume-annotations.ts';
import { type Evaluator, type Scope, isNameMeant } from './evaluator.ts';
import { type Usage, one, readAmount } from './usage.ts';

type AnyClaim = DeepReadonly<PersistentVolumeClaim>;

/** Claims count with the storage that they ask for, in all and in their class. */
export const claimEvaluator: Evaluator<AnyClaim> = {
  isOf: isOfClaims,
  usage: claimUsage,
  isInScope: isClaimInScope,
  countsUpdates: true,
};

const storage = 'requests.storage';
const claims = 'persistentvolumeclaims';
/** `gold.storageclass.storage.k8s.io/requests.storage` */
const ofClass = `.storageclass.storage.k8s.io/`;

/** Whether a quota over `name` counts claims. */
function isOfClaims(name: string): boolean {
  if ([claims, `count/${claims}`, storage].includes(name)) return true;
  return [claims, storage].some((each) => name.endsWith(`${ofClass}${each}`));
}

/** What a claim counts with, in all and in its class. */
function claimUsage(claim: AnyClaim): Usage {
  const amount = storageOf(claim);
  const usage: Usage = new Map([
    [`count/${claims}`, one],
    [claims, one],
    [storage, amount],
  ]);
  const name = classNameOf(claim);
  if (name !== '') {
    usage.set(`${name}${ofClass}${claims}`, one);
    usage.set(`${name}${ofClass}${storage}`, amount);
  }
  return usage;
}

/** While a volume grows, what it was given counts where that is more. */
function storageOf({ spec, status }: AnyClaim): Quantity {
  const wanted = readAmount(spec?.resources?.requests?.['storage']);
  const allocated = readAmount(status?.allocatedResources?.['storage']);
  return compareQuantities(allocated, wanted) > 0 ? allocated : wanted;
}

/** Whether a quota with this scope counts a claim. */
function isClaimInScope(claim: AnyClaim, scope: Scope): boolean {
  if (scope.scopeName !== 'VolumeAttributesClass') return false;
  const { spec, status } = claim;
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name) => name !== undefined && name !== '');
  if (names.length === 0) return isNameMeant('', scope);
  return names.some((name) => isNameMeant(name ?? '', scope));
}

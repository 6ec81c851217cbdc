import type { Toleration } from '@fairway/kinds/core/v1';
import { type Draft, equalsJson } from '@fairway/protocol';

type TolerationDraft = Draft<Toleration>;

/** All of them but those that another one covers. */
export function mergeTolerations(all: readonly TolerationDraft[]): TolerationDraft[] {
  const merged: TolerationDraft[] = [];
  all.forEach((each, index) => {
    // Of equal ones the first stays.
    const later = all.slice(index + 1).filter((other) => !equalsJson({ ...other }, { ...each }));
    if (![...merged, ...later].some((other) => covers(other, each))) merged.push(each);
  });
  return merged;
}

/** Whether who has the first toleration has the second one too. */
export function covers(one: TolerationDraft, other: TolerationDraft): boolean {
  if (equalsJson({ ...one }, { ...other })) return true;
  const isOfAllKeys = !one.key && one.operator === 'Exists';
  if ((one.key ?? '') !== (other.key ?? '') && !isOfAllKeys) return false;
  if (one.effect && one.effect !== other.effect) return false;
  const { tolerationSeconds: seconds } = one;
  if (one.effect === 'NoExecute' && seconds !== undefined) {
    if (other.tolerationSeconds === undefined || other.tolerationSeconds > seconds) return false;
  }
  if (one.operator === 'Exists') return true;
  const isOfOneValue = !one.operator || one.operator === 'Equal';
  return isOfOneValue && other.operator === 'Equal' && (one.value ?? '') === (other.value ?? '');
}

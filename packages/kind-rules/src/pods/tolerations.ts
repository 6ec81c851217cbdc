import type { Taint, Toleration } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

type AnyTaint = DeepReadonly<Taint>;
type AnyToleration = DeepReadonly<Toleration>;

/**
 * Whether a toleration is one for a taint.
 *
 * Source: Kubernetes documentation, taints and tolerations. `Gt` and `Lt` tolerate nothing: the feature
 * behind them is off by default.
 */
export function tolerates(toleration: AnyToleration, taint: AnyTaint): boolean {
  const { effect = '', key = '', operator = 'Equal', value = '' } = toleration;
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return operator === 'Equal' && value === (taint.value ?? '');
}

/** The first taint with one of these effects that nothing tolerates; undefined when there is none. */
export function untoleratedTaint(
  taints: readonly AnyTaint[],
  tolerations: readonly AnyToleration[],
  effects: readonly Taint['effect'][],
): AnyTaint | undefined {
  for (const taint of taints) {
    if (effects.includes(taint.effect) && !isTolerated(taint, tolerations)) return taint;
  }
  return undefined;
}

/** Taints that keep new pods away which do not tolerate them. */
export const repellingEffects = ['NoSchedule', 'NoExecute'] as const;

function isTolerated(taint: AnyTaint, tolerations: readonly AnyToleration[]): boolean {
  for (const toleration of tolerations) if (tolerates(toleration, taint)) return true;
  return false;
}

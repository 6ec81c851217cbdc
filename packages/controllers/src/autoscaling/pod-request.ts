import type { Pod } from '@fairway/kinds/core/v1';
import { type DeepReadonly, milliOf } from '@fairway/protocol';
import type { Problem } from './pod-usage.ts';

/**
 * What each pod requests of a resource while it runs, in thousandths: all its containers together, or one
 * of them. A container that requests nothing of it makes the usage of the pod meaningless.
 */
export function podRequestsOf(
  pods: readonly DeepReadonly<Pod>[],
  { name, container }: { readonly name: string; readonly container?: string },
): ReadonlyMap<string, number> | Problem {
  const requests = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    const pod = metadata?.name ?? '';
    const ofPod = spec?.resources?.requests?.[name];
    if (container === undefined && ofPod !== undefined) {
      requests.set(pod, milliOf(ofPod));
      continue;
    }
    const sidecars = (spec?.initContainers ?? []).filter(
      ({ restartPolicy }) => restartPolicy === 'Always',
    );
    let sum = 0;
    for (const each of [...(spec?.containers ?? []), ...sidecars]) {
      if (container !== undefined && each.name !== container) continue;
      const request = each.resources?.requests?.[name];
      if (request === undefined) {
        return { problem: `missing request for ${name} in container ${each.name} of Pod ${pod}` };
      }
      sum += milliOf(request);
    }
    requests.set(pod, sum);
  }
  return requests;
}

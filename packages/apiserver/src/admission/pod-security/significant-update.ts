import { seccompOfContainer } from '@fairway/kind-rules/pods';
import type { Container, Pod } from '@fairway/kinds/core/v1';

/**
 * Whether a pod that is changed has to be looked at again. Of what levels ask about, a pod keeps all but its
 * images, and gets no more than ephemeral containers.
 */
export function isSignificantUpdate(pod: Pod, stored: Pod): boolean {
  if (isChanged(pod, stored, 'containers') || isChanged(pod, stored, 'initContainers')) return true;
  const before = new Map(stored.spec?.ephemeralContainers?.map((each) => [each.name, each]));
  return (pod.spec?.ephemeralContainers ?? []).some((each) => {
    const known = before.get(each.name);
    return known === undefined || differs([pod, each], [stored, known]);
  });
}

function isChanged(pod: Pod, stored: Pod, list: 'containers' | 'initContainers'): boolean {
  const now = pod.spec?.[list] ?? [];
  const before = stored.spec?.[list] ?? [];
  if (now.length !== before.length) return true;
  return now.some((each, at) => {
    const known = before[at];
    return known === undefined || differs([pod, each], [stored, known]);
  });
}

type Placed = readonly [pod: Pod, container: Pick<Container, 'name' | 'image'>];

function differs([pod, container]: Placed, [stored, known]: Placed): boolean {
  if (container.image !== known.image) return true;
  const key = `${seccompOfContainer}${container.name}`;
  return pod.metadata?.annotations?.[key] !== stored.metadata?.annotations?.[key];
}

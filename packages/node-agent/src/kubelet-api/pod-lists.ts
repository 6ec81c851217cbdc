import type { RuntimePod } from '../runtime/pod-runtime.ts';
import type { NodePod } from './kubelet-parts.ts';

/** What `/pods` tells. */
export function podList(pods: Iterable<NodePod>): object {
  return listOf([...pods]);
}

/** What `/runningpods/` tells: pods as the runtime has them, with what runs in them. */
export function runningPodList(pods: readonly RuntimePod[]): object {
  return listOf(
    pods.flatMap(({ name, namespace, uid, containers }) => {
      const running = containers.filter(({ state }) => state === 'running');
      if (running.length === 0) return [];
      return [
        {
          metadata: { name, namespace, uid },
          spec: { containers: running.map((each) => ({ name: each.name, image: each.image })) },
          status: {},
        },
      ];
    }),
  );
}

function listOf(items: readonly object[]): object {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}

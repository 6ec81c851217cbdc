import type { RuntimePod } from '../runtime/pod-runtime.ts';
import type { KubeletParts } from './kubelet-parts.ts';
import { prometheusText } from './prometheus-text.ts';

/** What `/metrics` tells of the agent itself. Source: Kubernetes, metrics reference. */
export function agentMetrics(
  pods: readonly RuntimePod[],
  { nodeName }: Pick<KubeletParts, 'nodeName'>,
): string {
  const states = new Map<string, number>();
  for (const { state } of pods.flatMap(({ containers }) => containers)) {
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  const running = pods.filter(({ sandboxes }) => sandboxes.some(({ isReady }) => isReady));
  return prometheusText([
    {
      name: 'kubelet_node_name',
      help: "[ALPHA] The node's name. The count is always 1.",
      type: 'gauge',
      samples: [{ labels: { node: nodeName }, value: 1 }],
    },
    {
      name: 'kubelet_running_containers',
      help: '[ALPHA] Number of containers currently running',
      type: 'gauge',
      samples: [...states].map(([state, value]) => {
        return { labels: { container_state: state }, value };
      }),
    },
    {
      name: 'kubelet_running_pods',
      help: '[ALPHA] Number of pods that have a running pod sandbox',
      type: 'gauge',
      samples: [{ value: running.length }],
    },
  ]);
}

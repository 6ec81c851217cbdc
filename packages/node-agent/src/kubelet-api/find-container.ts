import { type ApiError, apiError } from '@fairway/protocol';
import type { ContainerRecord } from '../runtime/container.ts';
import type { PodRuntime, RuntimePod } from '../runtime/pod-runtime.ts';
import type { SandboxRecord } from '../runtime/sandbox.ts';
import type { KubeletParts, NodePod } from './kubelet-parts.ts';
import type { ContainerPath } from './kubelet-path.ts';

/** The pod of this node that has the name. Errors: NotFound. */
export function requirePod(
  { pods }: Pick<KubeletParts, 'pods'>,
  { namespace, pod }: Pick<ContainerPath, 'namespace' | 'pod'>,
): NodePod {
  const found = pods.find(namespace, pod);
  if (found === undefined) throw apiError('NotFound', 'pod does not exist');
  return found;
}

/** The container of the name that runs now. Errors: `ApiError`, in the words of a kubelet. */
export async function runningContainer(
  parts: Pick<KubeletParts, 'pods' | 'runtime'>,
  path: ContainerPath,
): Promise<ContainerRecord> {
  const pod = requirePod(parts, path);
  const isMeant = path.uid === undefined || path.uid === pod.metadata?.uid;
  const running = isMeant ? await runtimePod(parts.runtime, pod) : undefined;
  const found = running?.containers.find(
    ({ name, state }) => name === path.container && state === 'running',
  );
  if (found === undefined) throw failed(`container not found (${JSON.stringify(path.container)})`);
  return found;
}

/** What gives a pod its network. Errors: `ApiError`, in the words of a kubelet. */
export async function readySandbox(
  parts: Pick<KubeletParts, 'pods' | 'runtime'>,
  path: Omit<ContainerPath, 'container'>,
): Promise<SandboxRecord> {
  const pod = requirePod(parts, path);
  const { uid = '' } = pod.metadata ?? {};
  if (path.uid !== undefined && path.uid !== uid) throw apiError('NotFound', 'pod not found');
  const found = (await runtimePod(parts.runtime, pod))?.sandboxes.find(({ isReady }) => isReady);
  if (found !== undefined) return found;
  throw failed(`failed to find sandboxID for pod ${path.pod}_${path.namespace}(${uid})`);
}

async function runtimePod(runtime: PodRuntime, pod: NodePod): Promise<RuntimePod | undefined> {
  return (await runtime.listPods()).find(({ uid }) => uid === pod.metadata?.uid);
}

function failed(message: string): ApiError {
  return apiError('InternalError', message);
}

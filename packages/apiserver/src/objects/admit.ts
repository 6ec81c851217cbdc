import type { KubernetesObject } from '@fairway/protocol';
import type { AdmissionRequest } from '../admission/admission-step.ts';
import type { Call } from '../verbs/call.ts';

/** Asks every admission step in order; the first that refuses ends the request. */
export async function admit(
  call: Call,
  write: {
    readonly operation: AdmissionRequest['operation'];
    readonly draft?: KubernetesObject;
    readonly stored?: KubernetesObject;
  },
): Promise<void> {
  const { resource, target, request, parts } = call;
  const attributes = {
    ...write,
    resource,
    subresource: target.subresource,
    namespace: target.namespace,
    name: write.draft?.metadata?.name ?? target.name,
    user: request.user,
  };
  for (const step of parts.admission) await step(attributes);
}

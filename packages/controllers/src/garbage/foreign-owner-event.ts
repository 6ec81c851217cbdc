import type { OwnerReference } from '@fairway/protocol';
import type { EventText } from '@fairway/reconcile';

/** Says of an object that its owner is not where it is. Source: kube-controller-manager. */
export function foreignOwnerEvent(reference: OwnerReference, namespace: string): EventText {
  const { apiVersion, kind, name, uid } = reference;
  const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
  return {
    type: 'Warning',
    reason: 'OwnerRefInvalidNamespace',
    message: `ownerRef ${owner} does not exist in namespace ${JSON.stringify(namespace)}`,
  };
}

import type { EscalationGuard } from '@fairway/access';
import type { Random } from '@fairway/host';
import type { Node, PersistentVolumeClaim, Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import type { Ingress, IngressClass } from '@fairway/kinds/networking/v1';
import type { PriorityClass } from '@fairway/kinds/scheduling/v1';
import type { StorageClass } from '@fairway/kinds/storage/v1';
import type { KubernetesObject, ObjectDraft } from '@fairway/protocol';
import { nameSuffix } from '../objects/generate-name.ts';
import type { AdmissionRequest, AdmissionStep } from './admission-step.ts';
import type { ClusterReader } from './cluster-reader.ts';
import { certificateRequests } from './certificate-requests.ts';
import { admitDefaultIngressClass } from './default-ingress-class.ts';
import { admitDefaultStorageClass } from './default-storage-class.ts';
import { admitDefaultTolerations } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { admitPriority, admitPriorityClass } from './priority.ts';
import { admitServiceAccount, serviceAccountNameOf } from './service-account-admission.ts';
import { roleEscalation } from './role-escalation.ts';
import { admitStorageProtection } from './storage-object-protection.ts';
import { admitNodeTaint } from './taint-new-node.ts';

/**
 * The admission of this server, in the order in which it is asked.
 * Source: kube-apiserver 1.36, recommended plugin order.
 */
export function admissionSteps(
  cluster: ClusterReader,
  { random, guard }: { readonly random: Random; readonly guard: EscalationGuard },
): readonly AdmissionStep[] {
  return [
    namespaceLifecycle(cluster),
    roleEscalation(guard, cluster),
    certificateRequests(guard.authorizer),
    onCreate<Pod>('/pods', async (pod, { namespace }) => {
      const account = await cluster.find<ServiceAccount>('', 'serviceaccounts', {
        namespace,
        name: serviceAccountNameOf(pod),
      });
      admitServiceAccount(pod, { account, nameSuffix: () => nameSuffix(random) });
    }),
    onCreate<Node>('/nodes', async (node) => admitNodeTaint(node)),
    onCreate<Pod>('/pods', async (pod) => admitPriority(pod, await priorityClasses(cluster))),
    onWrite<PriorityClass>('scheduling.k8s.io/priorityclasses', async (priorityClass) =>
      admitPriorityClass(priorityClass, await priorityClasses(cluster)),
    ),
    onCreate<Pod>('/pods', async (pod) => admitDefaultTolerations(pod)),
    onCreate<PersistentVolumeClaim>('/persistentvolumeclaims', async (claim) => {
      const classes = await cluster.all<StorageClass>('storage.k8s.io', 'storageclasses');
      admitDefaultStorageClass(claim, { classes });
    }),
    onCreate('/persistentvolumeclaims', async (claim) =>
      admitStorageProtection(claim, 'persistentvolumeclaims'),
    ),
    onCreate('/persistentvolumes', async (volume) =>
      admitStorageProtection(volume, 'persistentvolumes'),
    ),
    onCreate<Ingress>('networking.k8s.io/ingresses', async (ingress) => {
      const classes = await cluster.all<IngressClass>('networking.k8s.io', 'ingressclasses');
      admitDefaultIngressClass(ingress, { classes });
    }),
  ];
}

async function priorityClasses(
  cluster: ClusterReader,
): Promise<{ readonly classes: readonly PriorityClass[] }> {
  return { classes: await cluster.all<PriorityClass>('scheduling.k8s.io', 'priorityclasses') };
}

type Admit<T extends KubernetesObject> = (
  draft: ObjectDraft<T>,
  request: AdmissionRequest,
) => Promise<void>;

/** A step for the creation of one resource, named `group/plural`. */
function onCreate<T extends KubernetesObject>(name: string, admit: Admit<T>): AdmissionStep {
  const step = onWrite(name, admit);
  return async (request) => {
    if (request.operation === 'CREATE') await step(request);
  };
}

/** A step for every write of one resource itself. */
function onWrite<T extends KubernetesObject>(name: string, admit: Admit<T>): AdmissionStep {
  return async (request) => {
    const { resource, subresource, draft } = request;
    const isOurs = `${resource.group}/${resource.plural}` === name && subresource === '';
    if (isOurs && draft !== undefined) await admit(draft as ObjectDraft<T>, request);
  };
}

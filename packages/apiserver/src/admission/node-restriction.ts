import { type Authorizer, nodeNameOf } from '@fairway/access';
import type { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import type { Node, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { ResourceSlice } from '@fairway/kinds/resource/v1';
import { equalsJson } from '@fairway/protocol';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import type { AdmissionPlugin } from './admission-plugin.ts';
import { subjectOfRequest } from './certificate-requests.ts';
import { forbiddenNodeLabels } from './node-labels.ts';
import { restrictPod, restrictPodEviction, restrictPodStatus } from './node-pods.ts';
import { restrictTokenRequest } from './node-tokens.ts';
import { type NodeWrite, refuseNode } from './node-write.ts';

/**
 * Keeps a node to what is its own: its Node, lease and CSINode, its mirror pods, the statuses of its pods and
 * their claims, tokens for its pods, and slices and certificates in its name. What it may read, and which
 * resources at all, the Node authorizer says.
 *
 * Source: Kubernetes admission, NodeRestriction; the refusals are those of a kube-apiserver 1.36.
 */
export function nodeRestriction(cluster: ClusterReader, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    async admit(request) {
      const node = nodeNameOf(request.user);
      if (node === undefined) return;
      if (node === '') {
        const who = JSON.stringify(request.user.username);
        throw refuseNode(request, `could not determine node from user ${who}`);
      }
      await restrict({ ...request, node }, cluster, authorizer);
    },
  };
}

async function restrict(
  write: NodeWrite,
  cluster: ClusterReader,
  authorizer: Authorizer,
): Promise<void> {
  const { resource, subresource } = write;
  switch (`${resource.group}/${resource.plural}`) {
    case '/pods':
      if (subresource === '') return restrictPod(write, cluster);
      if (subresource === 'status') return restrictPodStatus(write);
      if (subresource === 'eviction') return restrictPodEviction(write, cluster);
      throw refuseNode(
        write,
        `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`,
      );
    case '/nodes':
      return restrictNode(write);
    case '/persistentvolumeclaims':
      return restrictClaim(write);
    case '/serviceaccounts':
      if (subresource !== 'token' || write.operation !== 'CREATE') return;
      return restrictTokenRequest(write, cluster, authorizer);
    case 'coordination.k8s.io/leases':
      return restrictLease(write);
    case 'storage.k8s.io/csinodes':
      return requireOwnName(write, 'CSINode');
    case 'resource.k8s.io/resourceslices':
      return restrictSlice(write);
    case 'certificates.k8s.io/certificatesigningrequests':
      return restrictCertificate(write);
    default:
  }
}

function restrictNode(write: NodeWrite): void {
  const { node, operation } = write;
  const who = `node ${JSON.stringify(node)}`;
  const name = nameOf(write);
  if (name !== node) {
    throw refuseNode(write, `${who} is not allowed to modify node ${JSON.stringify(name)}`);
  }
  const draft = write.draft as Node | undefined;
  if (operation === 'DELETE' || draft === undefined) return;
  const stored = write.stored as Node | undefined;
  const { configSource } = draft.spec ?? {};
  if (operation === 'CREATE') {
    if (configSource !== undefined) {
      throw refuseNode(write, `${who} is not allowed to create pods with a non-nil configSource`);
    }
    const labels = forbiddenNodeLabels(draft, undefined);
    if (labels.length === 0) return;
    const why = `${who} is not allowed to set the following labels: ${labels.join(', ')}`;
    throw refuseNode(write, why);
  }
  if (configSource !== undefined && !equalsJson(configSource, stored?.spec?.configSource)) {
    const why = `${who} is not allowed to update configSource to a new non-nil configSource`;
    throw refuseNode(write, why);
  }
  // Through these a node would draw to itself what it shall not have, or have itself deleted.
  if (!equalsJson(draft.spec?.taints ?? [], stored?.spec?.taints ?? [])) {
    throw refuseNode(write, `${who} is not allowed to modify taints`);
  }
  const [owners, before] = [draft, stored].map((each) => each?.metadata?.ownerReferences ?? []);
  if (!equalsJson(owners, before)) {
    throw refuseNode(write, `${who} is not allowed to modify ownerReferences`);
  }
  const labels = forbiddenNodeLabels(draft, stored);
  if (labels.length === 0) return;
  throw refuseNode(write, `is not allowed to modify labels: ${labels.join(', ')}`);
}

function restrictClaim(write: NodeWrite): void {
  const { subresource, draft, stored, operation, node } = write;
  if (subresource !== 'status') throw refuseNode(write, 'may only update PVC status');
  if (operation !== 'UPDATE') {
    throw refuseNode(write, `unexpected operation ${JSON.stringify(operation)}`);
  }
  const [next, before] = [draft, stored].map((claim) => unwritten(claim as PersistentVolumeClaim));
  if (equalsJson(next, before)) return;
  const why = `node ${JSON.stringify(node)} is not allowed to update fields other than status.capacity and status.conditions`;
  throw refuseNode(write, why);
}

/** A claim without what its node tells about it, and without what every write changes. */
function unwritten({ metadata, status, ...rest }: PersistentVolumeClaim): object {
  const { resourceVersion: _, managedFields: __, ...kept } = metadata ?? {};
  const { capacity: ___, conditions: ____, ...others } = status ?? {};
  const { allocatedResources: _____, allocatedResourceStatuses: ______, ...told } = others;
  return { ...rest, metadata: kept, status: told };
}

function restrictLease(write: NodeWrite): void {
  if (write.namespace !== 'kube-node-lease') {
    throw refuseNode(write, 'can only access leases in the "kube-node-lease" system namespace');
  }
  requireOwnName(write, 'node lease');
}

function requireOwnName(write: NodeWrite, what: string): void {
  if (nameOf(write) === write.node) return;
  throw refuseNode(write, `can only access ${what} with the same name as the requesting node`);
}

/** What is there already, the authorizer knows. */
function restrictSlice(write: NodeWrite): void {
  const { operation, node } = write;
  if (operation === 'UPDATE') return;
  const slice = (operation === 'CREATE' ? write.draft : write.stored) as ResourceSlice | undefined;
  if (slice?.spec?.nodeName === node) return;
  const verb = operation === 'CREATE' ? 'create' : 'delete';
  const why = `can only ${verb} ResourceSlice with the same NodeName as the requesting node`;
  throw refuseNode(write, why);
}

const ownSigners: ReadonlySet<string> = new Set([
  'kubernetes.io/kubelet-serving',
  'kubernetes.io/kube-apiserver-client-kubelet',
]);

function restrictCertificate(write: NodeWrite): void {
  const { spec } = (write.draft ?? {}) as CertificateSigningRequest;
  if (write.operation !== 'CREATE' || !ownSigners.has(spec?.signerName ?? '')) return;
  const { commonName } = subjectOfRequest(spec?.request ?? '', (why) =>
    refuseNode(write, `unable to parse csr: ${why}`),
  );
  const wanted = `system:node:${write.node}`;
  if (commonName === wanted) return;
  throw refuseNode(write, `can only create a node CSR with CN=${wanted}`);
}

/** Of what is created, as it says itself. */
function nameOf({ operation, name, draft }: NodeWrite): string {
  return operation === 'CREATE' ? (draft?.metadata?.name ?? name) : name;
}

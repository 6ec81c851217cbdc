import { isMirrorPod, mirrorAnnotation, podReferenceInWords } from '@fairway/kind-rules/pods';
import type { Node, Pod } from '@fairway/kinds/core/v1';
import { equalsJson, notFound } from '@fairway/protocol';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import { type NodeWrite, refuseNode } from './node-write.ts';

/** A node makes mirror pods of its own, and deletes pods that are bound to it. */
export async function restrictPod(write: NodeWrite, cluster: ClusterReader): Promise<void> {
  const { operation, node } = write;
  const who = `node ${JSON.stringify(node)}`;
  if (operation === 'CREATE') return restrictNewPod(write, cluster);
  if (operation !== 'DELETE') {
    const what = `unexpected operation ${JSON.stringify(operation)}`;
    throw refuseNode(write, `${what}, ${who} can only create and delete mirror pods`);
  }
  if ((write.stored as Pod | undefined)?.spec?.nodeName === node) return;
  throw refuseNode(write, `${who} can only delete pods with spec.nodeName set to itself`);
}

async function restrictNewPod(write: NodeWrite, cluster: ClusterReader): Promise<void> {
  const { node } = write;
  const who = `node ${JSON.stringify(node)}`;
  const pod = (write.draft ?? {}) as Pod;
  if (!isMirrorPod(pod)) {
    const why = `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation`;
    throw refuseNode(write, `${why}, ${who} can only create mirror pods`);
  }
  if (pod.spec?.nodeName !== node) {
    throw refuseNode(write, `${who} can only create pods with spec.nodeName set to itself`);
  }
  await requireOwner(write, pod, cluster);
  const named = podReferenceInWords(pod);
  if (named !== undefined) {
    throw refuseNode(write, `${who} can not create pods that reference ${named}`);
  }
}

/** Its one owner is the node, so that it goes with it. */
async function requireOwner(write: NodeWrite, pod: Pod, cluster: ClusterReader): Promise<void> {
  const { node } = write;
  const who = `node ${JSON.stringify(node)}`;
  const [owner, second] = pod.metadata?.ownerReferences ?? [];
  if (second !== undefined) {
    const why = 'can only create pods with a single owner reference set to itself';
    throw refuseNode(write, `${who} ${why}`);
  }
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
    throw refuseNode(write, `${who} can only create pods with an owner reference set to itself`);
  }
  if (owner.controller !== true) {
    const why = 'can only create pods with a controller owner reference set to itself';
    throw refuseNode(write, `${who} ${why}`);
  }
  if (owner.blockOwnerDeletion === true) {
    throw refuseNode(write, `${who} must not set blockOwnerDeletion on an owner reference`);
  }
  const stored = await cluster.find<Node>('', 'nodes', { name: node });
  if (stored === undefined) throw notFound({ group: '', plural: 'nodes', name: node });
  const uid = stored.metadata?.uid ?? '';
  if (owner.uid === uid) return;
  throw refuseNode(write, `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`);
}

/** A node tells how its pods are, and nothing else about them. */
export function restrictPodStatus(write: NodeWrite): void {
  const { node, operation } = write;
  const who = `node ${JSON.stringify(node)}`;
  if (operation !== 'UPDATE') {
    throw refuseNode(write, `unexpected operation ${JSON.stringify(operation)}`);
  }
  const [pod, stored] = [write.draft, write.stored].map((each) => (each ?? {}) as Pod);
  if (stored?.spec?.nodeName !== node) {
    const why = 'can only update pod status for pods with spec.nodeName set to itself';
    throw refuseNode(write, `${who} ${why}`);
  }
  if (!equalsJson(pod?.metadata?.labels ?? {}, stored.metadata?.labels ?? {})) {
    throw refuseNode(write, `${who} cannot update labels through pod status`);
  }
  // The claims of a pod's status decide which claims its node may read.
  const claims = ({ status }: Pod): object => [
    status?.resourceClaimStatuses ?? [],
    status?.extendedResourceClaimStatus ?? null,
  ];
  if (!equalsJson(claims(pod ?? {}), claims(stored))) {
    throw refuseNode(write, `${who} cannot update resource claim statues`);
  }
}

export async function restrictPodEviction(write: NodeWrite, cluster: ClusterReader): Promise<void> {
  const { node, operation, namespace } = write;
  if (operation !== 'CREATE') throw refuseNode(write, `unexpected operation ${operation}`);
  const name = write.name || (write.draft?.metadata?.name ?? '');
  if (name === '') throw refuseNode(write, 'could not determine pod from request data');
  const pod = await cluster.find<Pod>('', 'pods', { namespace, name });
  if (pod === undefined) throw notFound({ group: '', plural: 'pods', name });
  if (pod.spec?.nodeName === node) return;
  throw refuseNode(write, `node ${node} can only evict pods with spec.nodeName set to itself`);
}

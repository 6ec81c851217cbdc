import type { Authorizer } from '@fairway/access';
import { podReferences } from '@fairway/kind-rules/pods';
import type { TokenRequest } from '@fairway/kinds/authentication/v1';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import type { CSIDriver } from '@fairway/kinds/storage/v1';
import { notFound } from '@fairway/protocol';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import { type NodeWrite, refuseNode } from './node-write.ts';

/** A node gets tokens that are bound to one of its pods, for audiences that the pod names. */
export async function restrictTokenRequest(
  write: NodeWrite,
  cluster: ClusterReader,
  authorizer: Authorizer,
): Promise<void> {
  const { node, namespace } = write;
  const { spec } = write.draft as TokenRequest;
  const { apiVersion, kind, name = '', uid = '' } = spec?.boundObjectRef ?? {};
  if (apiVersion !== 'v1' || kind !== 'Pod' || name === '') {
    throw refuseNode(write, 'node requested token not bound to a pod');
  }
  if (uid === '') {
    throw refuseNode(write, 'node requested token with a pod binding without a uid');
  }
  const pod = await cluster.find<Pod>('', 'pods', { namespace, name });
  if (pod === undefined) throw notFound({ group: '', plural: 'pods', name });
  if (pod.metadata?.uid !== uid) {
    const what = `the UID in the bound object reference (${uid}) does not match the UID in record`;
    throw refuseNode(write, `${what}. The object might have been deleted and then recreated`);
  }
  if (pod.spec?.nodeName !== node) {
    throw refuseNode(write, 'node requested token bound to a pod scheduled on a different node');
  }
  await requireAudience(write, { pod, audiences: spec?.audiences ?? [], cluster, authorizer });
}

interface Audiences {
  readonly pod: Pod;
  readonly audiences: readonly string[];
  readonly cluster: ClusterReader;
  readonly authorizer: Authorizer;
}

/** Empty stands for the API itself. Source: KEP-4412. */
async function requireAudience(
  write: NodeWrite,
  { pod, audiences, cluster, authorizer }: Audiences,
): Promise<void> {
  const [audience = '', second] = audiences;
  if (second !== undefined) throw refuseNode(write, 'node may only request 0 or 1 audiences');
  const sources = (pod.spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  const isProjected = sources.some(
    ({ serviceAccountToken: token }) => token && (token.audience ?? '') === audience,
  );
  if (isProjected || (await isOfDriver(pod, audience, cluster))) return;
  const { user, namespace, name } = write;
  const verb = 'request-serviceaccounts-token-audience';
  const what = { isResource: true, verb, group: '', version: 'v1', plural: audience } as const;
  const target = { ...what, subresource: '', namespace, name, rest: '' };
  const { kind } = await authorizer({ user, target });
  if (kind === 'allow') return;
  const why = `audience ${JSON.stringify(audience)} not found in pod spec volume`;
  throw refuseNode(
    write,
    `${why}, ${user.username} is not authorized to request tokens for this audience`,
  );
}

/** Whether a driver of the pod's volumes wants tokens for it. */
async function isOfDriver(pod: Pod, audience: string, cluster: ClusterReader): Promise<boolean> {
  for (const name of await driversOf(pod, cluster)) {
    const driver = await cluster.find<CSIDriver>('storage.k8s.io', 'csidrivers', { name });
    const requests = driver?.spec?.tokenRequests ?? [];
    if (requests.some((each) => each.audience === audience)) return true;
  }
  return false;
}

async function driversOf(pod: Pod, cluster: ClusterReader): Promise<ReadonlySet<string>> {
  const drivers = new Set<string>();
  const { namespace = '' } = pod.metadata ?? {};
  for (const { csi } of pod.spec?.volumes ?? []) if (csi) drivers.add(csi.driver);
  for (const name of podReferences(pod).persistentvolumeclaims) {
    const place = { namespace, name };
    const claim = await cluster.find<PersistentVolumeClaim>('', 'persistentvolumeclaims', place);
    const bound = claim?.spec?.volumeName ?? '';
    if (bound === '') continue;
    const found = await cluster.find<PersistentVolume>('', 'persistentvolumes', { name: bound });
    if (found?.spec?.csi) drivers.add(found.spec.csi.driver);
  }
  return drivers;
}

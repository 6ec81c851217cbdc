import type { ObjectReference, TokenWish } from '@fairway/access';
import type { BoundObjectReference } from '@fairway/kinds/authentication/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import { type KubernetesObject, badRequest, conflict, notFound } from '@fairway/protocol';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/**
 * What a token is bound to by `spec.boundObjectRef`, and the node of a pod.
 *
 * Errors: NotFound, Conflict for another uid, BadRequest for a pod of another account and for kinds
 * that tokens cannot be bound to. Source: KEP-1205, KEP-4193.
 */
export async function findBoundObject(
  cluster: ClusterReader,
  account: { readonly namespace: string; readonly name: string },
  reference: BoundObjectReference,
): Promise<Pick<TokenWish, 'boundObject' | 'node'>> {
  const { apiVersion = '', kind = '', name = '' } = reference;
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  if (group !== '' || (kind !== 'Pod' && kind !== 'Secret' && kind !== 'Node')) {
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  const plural = `${kind.toLowerCase()}s`;
  const place = kind === 'Node' ? { name } : { namespace: account.namespace, name };
  const found = await cluster.find<KubernetesObject>('', plural, place);
  if (found === undefined) throw notFound({ group: '', plural, name });
  if (kind === 'Pod') expectAccount(found, account.name);
  const uid = found.metadata?.uid ?? '';
  if (reference.uid && reference.uid !== uid) {
    const why = `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: '', plural: kind, name }, why);
  }
  const node = kind === 'Pod' ? await nodeOf(cluster, found) : undefined;
  return { boundObject: { kind, name, uid }, ...(node === undefined ? {} : { node }) };
}

function expectAccount({ spec }: Pod, account: string): void {
  if (spec?.serviceAccountName === account) return;
  throw badRequest(
    `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
  );
}

async function nodeOf(cluster: ClusterReader, { spec }: Pod): Promise<ObjectReference | undefined> {
  const name = spec?.nodeName;
  if (!name) return undefined;
  const node = await cluster.find<KubernetesObject>('', 'nodes', { name });
  return { name, uid: node?.metadata?.uid ?? '' };
}

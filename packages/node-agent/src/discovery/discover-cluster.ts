import { publicKeyPin } from '@fairway/certificates';
import { type Client, isNotFound } from '@fairway/client';
import {
  clusterInfoKey,
  clusterInfoPlace,
  isSignedBy,
  signatureKey,
} from '@fairway/kind-rules/nodes';
import { ConfigMap } from '@fairway/kinds/core/v1';
import type { Secret } from '@fairway/host';
import { parseBootstrapToken } from '@fairway/protocol';
import { parseClusterInfo } from './cluster-info.ts';
import { JoinError } from './join-error.ts';

/** Which cluster is meant. */
export interface DiscoveryWish {
  /** `ID.SECRET`. */
  readonly token: Secret;
  /** Of its authorities, as `publicKeyPin` writes them; undefined: whoever has the token is believed. */
  readonly pins: readonly string[] | undefined;
}

export type Discovery =
  | { readonly kind: 'found'; readonly authorities: string }
  /** The cluster does not know the token, or not yet: what is signed with it follows soon after it is made. */
  | { readonly kind: 'unsigned'; readonly why: string };

/**
 * Finds out by which authorities a cluster is known, from its own word: which counts because it is signed with the
 * token, and for those keys alone that are pinned. `client` asks as nobody, of a server that it does not know yet.
 *
 * Errors: `JoinError` for a word that is not the cluster's; what the API answers.
 * Source: kubeadm, token-based discovery with CA pinning.
 */
export async function discoverCluster(
  client: Pick<Client, 'get'>,
  { token: text, pins }: DiscoveryWish,
  signal: AbortSignal,
): Promise<Discovery> {
  const { namespace, name } = clusterInfoPlace;
  const token = parseBootstrapToken(text.reveal());
  if (token === undefined) throw new JoinError('the bootstrap token is none: it is ID.SECRET');
  const made = 'make a new one with `fairway token create --print-join-command`';
  let map: ConfigMap;
  try {
    map = await client.get(ConfigMap, name, { namespace, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { kind: 'unsigned', why: `the cluster has no config map ${namespace}/${name}` };
  }
  const kubeconfig = map.data?.[clusterInfoKey] ?? '';
  const signature = map.data?.[signatureKey(token.id)];
  if (signature === undefined) {
    const why = `the cluster knows no token with the ID ${token.id}`;
    return { kind: 'unsigned', why: `${why}: it has expired or was deleted; ${made}` };
  }
  if (!isSignedBy(signature, { text: kubeconfig, token })) {
    const why = `what the cluster says of itself is not signed with the token ${token.id}`;
    throw new JoinError(`${why}: its secret is another one, or somebody else answers; ${made}`);
  }
  const { authorities } = await parseClusterInfo(kubeconfig);
  const trusted = authorities.filter((each) => pins?.includes(publicKeyPin(each)) ?? true);
  if (trusted.length > 0) return { kind: 'found', authorities: trusted.join('') };
  const has = authorities.map(publicKeyPin).join(', ');
  const why = `the cluster has no certificate authority with the given --discovery-token-ca-cert-hash, but ${has}`;
  throw new JoinError(`${why}: is it the right one?`);
}

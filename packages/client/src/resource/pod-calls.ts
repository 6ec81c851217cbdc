import type { KubernetesObject, ObjectMeta, ResourceDescriptor } from '@fairway/protocol';
import type { Client } from '../client.ts';
import {
  type DeleteOptions,
  type NamespaceOption,
  type RequestOptions,
  requestOptionsOf,
} from './call-options.ts';
import { deletionOf } from './deletion.ts';
import { pods } from './pods.ts';
import { requireNamespace, requireText } from './resource-path.ts';

/** Asks for a pod to go, as far as its disruption budget allows. Errors: `isTooManyRequests`. */
export async function evictPod(
  client: Client,
  name: string,
  options: DeleteOptions = {},
): Promise<void> {
  const { dryRun } = options;
  const namespace = requireNamespace(client, options);
  const deleteOptions = deletionOf(options);
  const eviction: Eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    ...(Object.keys(deleteOptions).length === 0 ? {} : { deleteOptions }),
  };
  const where = { namespace };
  await client.subresource<Eviction>(pods, name, 'eviction', where).create(eviction, {
    ...requestOptionsOf(options),
    ...(dryRun === undefined ? {} : { dryRun }),
  });
}

/** Puts a pod on a node, as a scheduler does. `uid`: the pod is this one, and no other of its name. */
export async function bindPod(
  client: Client,
  binding: { readonly pod: string; readonly node: string; readonly uid?: string },
  options: RequestOptions & NamespaceOption = {},
): Promise<void> {
  const { namespace: _, ...call } = options;
  const namespace = requireNamespace(client, options);
  const object: Binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: {
      name: binding.pod,
      namespace,
      ...(binding.uid === undefined ? {} : { uid: binding.uid }),
    },
    target: {
      apiVersion: 'v1',
      kind: 'Node',
      name: requireText(binding.node, 'the name of a Node'),
    },
  };
  await client
    .subresource<Binding>(pods, binding.pod, 'binding', { namespace })
    .create(object, call);
}

/** What a token is for. */
export interface TokenWish extends RequestOptions, NamespaceOption {
  /** Absent: the API server itself. */
  readonly audiences?: readonly string[];
  /** At least 600; the server may give more or less. */
  readonly expirationSeconds?: number;
  /** The token dies with this object. */
  readonly boundObjectRef?: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid?: string;
  };
}

/** A token that was given. */
export interface GivenToken {
  readonly token: string;
  readonly expirationTimestamp: string;
  /** How long it is good for from now on, also where clocks differ. */
  readonly expirationSeconds: number;
}

/** Gets a token for a service account. */
export async function requestToken(
  client: Client,
  serviceAccount: string,
  wish: TokenWish = {},
): Promise<GivenToken> {
  const { audiences = [], expirationSeconds, boundObjectRef } = wish;
  const namespace = requireNamespace(client, wish);
  const request: TokenRequest = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { namespace },
    spec: {
      audiences,
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
      ...(boundObjectRef === undefined ? {} : { boundObjectRef }),
    },
  };
  const { spec, status } = await client
    .subresource<TokenRequest>(serviceAccounts, serviceAccount, 'token', { namespace })
    .create(request, requestOptionsOf(wish));
  if (status === undefined) throw new Error(`the server gave no token to "${serviceAccount}"`);
  return { ...status, expirationSeconds: spec.expirationSeconds ?? hourSeconds };
}

/** What a server gives that was not asked for a time. */
const hourSeconds = 3_600;

interface Eviction extends KubernetesObject {
  readonly metadata: ObjectMeta;
  readonly deleteOptions?: object;
}

interface Binding extends KubernetesObject {
  readonly target: { readonly apiVersion: string; readonly kind: string; readonly name: string };
}

interface TokenRequest extends KubernetesObject {
  readonly spec: {
    readonly audiences: readonly string[];
    readonly expirationSeconds?: number;
    readonly boundObjectRef?: TokenWish['boundObjectRef'];
  };
  readonly status?: { readonly token: string; readonly expirationTimestamp: string };
}

const serviceAccounts: ResourceDescriptor<never> = {
  ...pods,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
};

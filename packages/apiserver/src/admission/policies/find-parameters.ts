import type { ParamKind, ParamRef } from '@fairway/kinds/admissionregistration/v1';
import {
  type KubernetesObject,
  labelsOf,
  matchesLabelSelector,
  parseLabelSelectorObject,
} from '@fairway/protocol';
import type { Store, StoreEntry } from '@fairway/store';
import { serveEntries } from '../../reads/served-entries.ts';
import type { StoredFacts } from '../../reads/stored-facts.ts';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import { collectionRange, storageKey } from '../../storage/storage-key.ts';

export interface ParameterParts {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly facts: StoredFacts;
}

/** Why a policy or binding cannot be asked; the failure policy decides. */
export class ConfigurationError extends Error {}

/** The resource that parameters of a policy are of. Errors: `ConfigurationError`: none is served. */
export function parameterResource(
  { apiVersion = '', kind = '' }: ParamKind,
  registry: ResourceRegistry,
): ServedResource {
  const found = registry.findByKind(apiVersion, kind);
  if (found !== undefined) return found;
  const named = `${apiVersion}, Kind=${kind}`;
  throw new ConfigurationError(`failed to find resource referenced by paramKind: '${named}'`);
}

/**
 * The parameters with which a bound policy is evaluated, once for each; one that is undefined stands for
 * none. Read as they are stored at this moment. They must not be changed.
 *
 * Errors: `ConfigurationError`. Source: Kubernetes, admission/plugin/policy/generic, `CollectParams`.
 */
export async function findParameters(
  resource: ServedResource | undefined,
  { paramRef, namespace }: { readonly paramRef?: ParamRef | undefined; readonly namespace: string },
  parts: ParameterParts,
): Promise<readonly (KubernetesObject | undefined)[]> {
  if (resource === undefined || paramRef === undefined) return [undefined];
  const place = placeOf(resource, paramRef, namespace);
  const found = paramRef.name
    ? await findNamed(resource, { name: paramRef.name, namespace: place }, parts)
    : await findSelected(resource, { paramRef, namespace: place }, parts);
  if (found.length === 0 && paramRef.parameterNotFoundAction === 'Deny') {
    const why = 'no params found for policy binding with `Deny` parameterNotFoundAction';
    throw new ConfigurationError(why);
  }
  return found;
}

function placeOf({ isNamespaced }: ServedResource, paramRef: ParamRef, namespace: string): string {
  const given = paramRef.namespace ?? '';
  if (!isNamespaced) {
    if (given === '') return '';
    const why = 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`';
    throw new ConfigurationError(why);
  }
  if (given !== '') return given;
  if (namespace !== '') return namespace;
  const why =
    'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources';
  throw new ConfigurationError(why);
}

async function findNamed(
  resource: ServedResource,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  parts: ParameterParts,
): Promise<readonly KubernetesObject[]> {
  const entry = await parts.store.get(storageKey(resource, namespace, name));
  return entry === undefined ? [] : served(resource, [entry], parts);
}

async function findSelected(
  resource: ServedResource,
  { paramRef, namespace }: { readonly paramRef: ParamRef; readonly namespace: string },
  parts: ParameterParts,
): Promise<readonly KubernetesObject[]> {
  const selector = parseLabelSelectorObject(paramRef.selector ?? {});
  const { entries } = await parts.store.list(collectionRange(resource, namespace));
  const all = await served(resource, entries, parts);
  return all.filter((object) => matchesLabelSelector(selector, labelsOf(object)));
}

async function served(
  resource: ServedResource,
  entries: readonly StoreEntry[],
  { facts }: ParameterParts,
): Promise<readonly KubernetesObject[]> {
  const all = await serveEntries(resource, entries);
  return all.map((entry) => facts.objectOf(entry));
}

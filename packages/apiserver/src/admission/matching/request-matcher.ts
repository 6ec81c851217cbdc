import {
  type KubernetesObject,
  type LabelSelectorObject,
  labelsOf,
  matchesLabelSelector,
  parseLabelSelectorObject,
} from '@fairway/protocol';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { ClusterReader } from '../../reads/cluster-reader.ts';
import type { AdmissionRequest } from '../admission-plugin.ts';
import { requireNamespace } from '../require-namespace.ts';
import { type Rule, type RuledRequest, isNamespaceItself, matchesRule } from './match-rule.ts';

/** What webhooks, policies and bindings say about the requests they are for. */
export interface MatchCriteria {
  /** Absent: every request, as of a binding that has none. */
  readonly rules?: readonly Rule[];
  readonly excludeRules?: readonly Rule[];
  /** `Equivalent`: also where the same objects are asked for in another version or group. */
  readonly matchPolicy: 'Exact' | 'Equivalent';
  readonly namespaceSelector?: LabelSelectorObject;
  readonly objectSelector?: LabelSelectorObject;
}

/** A request and what it is about. */
export interface MatchedRequest extends AdmissionRequest {
  /** What is to be stored, or what a subresource is sent; absent for DELETE. */
  readonly object?: KubernetesObject;
}

export interface MatchParts {
  readonly registry: ResourceRegistry;
  readonly cluster: Pick<ClusterReader, 'find'>;
}

/**
 * Tells which requests are meant. Answers the resource as the matching rule names it, in whose version
 * the objects are to be shown (`inVersionOf`), and undefined for a request that is not meant.
 *
 * Errors: NotFound for a namespace that is to be selected and does not exist.
 * Source: Kubernetes documentation, "Matching requests: rules"; KEP-2896 for `matchPolicy`.
 */
export type RequestMatcher = (
  request: MatchedRequest,
  parts: MatchParts,
) => Promise<ServedResource | undefined>;

/** Reads the criteria once for many requests. Errors: BadRequest for selectors that cannot be read. */
export function requestMatcher(criteria: MatchCriteria): RequestMatcher {
  const inNamespaces = parseLabelSelectorObject(criteria.namespaceSelector ?? {});
  const ofObjects = parseLabelSelectorObject(criteria.objectSelector ?? {});
  return async (request, parts) => {
    const found = matchedResource(criteria, request, parts.registry);
    if (found === undefined) return undefined;
    const { object, stored } = request;
    const isSelected = (each: KubernetesObject | undefined): boolean =>
      each !== undefined && matchesLabelSelector(ofObjects, labelsOf(each));
    if (ofObjects.length > 0 && !isSelected(object) && !isSelected(stored)) return undefined;
    if (inNamespaces.length === 0 || isClusterScoped(request)) return found;
    const labels = await namespaceLabels(request, parts.cluster);
    return matchesLabelSelector(inNamespaces, labels) ? found : undefined;
  };
}

/** By rules alone: the first that matches, in the request's own version or else in another one. */
export function matchedResource(
  { rules, excludeRules = [], matchPolicy }: MatchCriteria,
  request: RuledRequest,
  registry: ResourceRegistry,
): ServedResource | undefined {
  const firstMatch = (some: readonly Rule[]): ServedResource | undefined => {
    const { resource } = request;
    if (some.some((rule) => matchesRule(rule, request, resource))) return resource;
    if (matchPolicy === 'Exact' || some.length === 0) return undefined;
    const others = equivalents(request, registry);
    for (const rule of others.length === 0 ? [] : some) {
      const other = others.find((each) => matchesRule(rule, request, each));
      if (other !== undefined) return other;
    }
    return undefined;
  };
  if (firstMatch(excludeRules) !== undefined) return undefined;
  return rules === undefined ? request.resource : firstMatch(rules);
}

/** The same objects in other versions and groups, where they have the same subresource. */
function equivalents(
  { resource, subresource }: RuledRequest,
  registry: ResourceRegistry,
): readonly ServedResource[] {
  const others = registry.storedAs(resource.storage.prefix);
  if (others.length < 2) return [];
  return others.filter(
    (each) =>
      (each.group !== resource.group || each.version !== resource.version) &&
      (subresource === '' || each.subresources.has(subresource)),
  );
}

/** Such requests are in no namespace, and every selector of namespaces lets them pass. */
function isClusterScoped({ resource, namespace }: AdmissionRequest): boolean {
  return namespace === '' && !isNamespaceItself(resource);
}

/** A namespace that is written is selected by what it is to be. */
async function namespaceLabels(
  { operation, resource, subresource, namespace, name, object }: MatchedRequest,
  cluster: MatchParts['cluster'],
): Promise<Readonly<Record<string, string>>> {
  const isItself = isNamespaceItself(resource);
  const isWritten = operation === 'CREATE' || operation === 'UPDATE';
  if (isItself && subresource === '' && isWritten && object !== undefined) return labelsOf(object);
  const wanted = isItself ? name : namespace;
  return labelsOf(await requireNamespace(cluster, wanted));
}

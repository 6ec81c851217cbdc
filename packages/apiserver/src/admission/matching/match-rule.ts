import type { AdmissionOperation, AdmissionRequest } from '../admission-plugin.ts';
import type { ServedResource } from '../../registry/served-resource.ts';

/** Which requests are meant. Source: admissionregistration/v1 NamedRuleWithOperations. */
export interface Rule {
  readonly operations?: readonly (AdmissionOperation | '*')[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  // `pods`, `pods/status`, `pods/*`, `*`, `*/scale`, `*/*`; without a slash no subresource is meant,
  // with a star behind it the resource itself too.
  readonly resources?: readonly string[];
  /** Absent: every one. */
  readonly scope?: 'Cluster' | 'Namespaced' | '*';
  /** Empty or absent: every one. */
  readonly resourceNames?: readonly string[];
}

/** What rules ask of a request. */
export type RuledRequest = Pick<
  AdmissionRequest,
  'operation' | 'resource' | 'subresource' | 'namespace' | 'name'
>;

/** Whether a rule means a request, if it were one for `resource`. */
export function matchesRule(rule: Rule, request: RuledRequest, resource: ServedResource): boolean {
  const { operation, subresource, name } = request;
  return (
    includes(rule.operations, operation) &&
    includes(rule.apiGroups, resource.group) &&
    includes(rule.apiVersions, resource.version) &&
    isScope(rule, request) &&
    (rule.resources ?? []).some((each) => isResource(each, resource.plural, subresource)) &&
    ((rule.resourceNames ?? []).length === 0 || rule.resourceNames?.includes(name) === true)
  );
}

function includes(wanted: readonly string[] | undefined, found: string): boolean {
  return wanted !== undefined && (wanted.includes('*') || wanted.includes(found));
}

/** Namespaces are of the cluster, though requests for what is in one name it. */
function isScope({ scope }: Rule, { resource, namespace }: RuledRequest): boolean {
  const isNamespaced = namespace !== '' && !isNamespaceItself(resource);
  if (scope === 'Namespaced') return isNamespaced;
  return scope !== 'Cluster' || !isNamespaced;
}

function isResource(wanted: string, plural: string, subresource: string): boolean {
  const slash = wanted.indexOf('/');
  const resource = slash === -1 ? wanted : wanted.slice(0, slash);
  const part = slash === -1 ? '' : wanted.slice(slash + 1);
  return (resource === '*' || resource === plural) && (part === '*' || part === subresource);
}

/** Whether these are the namespaces. */
export function isNamespaceItself({ group, plural }: ServedResource): boolean {
  return group === '' && plural === 'namespaces';
}

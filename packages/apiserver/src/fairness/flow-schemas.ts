import { type AuthenticatedRequest, parseServiceAccountUsername } from '@fairway/access';
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '@fairway/kinds/flowcontrol/v1';
import type { NonResourceTarget, ResourceTarget, UserInfo } from '@fairway/protocol';

/** What a request is sorted by. */
export type SortedRequest = Pick<AuthenticatedRequest, 'target' | 'user'>;

/** A flow schema that was read once, so that each request only compares. */
export interface FlowMatcher {
  readonly name: string;
  readonly uid: string;
  readonly precedence: number;
  /** The priority level of its requests. */
  readonly levelName: string;
  matches(request: SortedRequest): boolean;
  /** Which of the schema's flows a request belongs to. */
  distinguisherOf(request: SortedRequest): string;
}

const every = '*';

/** The matchers of flow schemas in the order in which they are asked: by precedence, then by name. */
export function matchersOf(schemas: Iterable<FlowSchema>): readonly FlowMatcher[] {
  return [...schemas]
    .map(matcherOf)
    .sort((one, other) => one.precedence - other.precedence || (one.name < other.name ? -1 : 1));
}

function matcherOf({ metadata, spec }: FlowSchema): FlowMatcher {
  const rules = (spec?.rules ?? []).map(ruleMatcher);
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    precedence: spec?.matchingPrecedence ?? 1_000,
    levelName: spec?.priorityLevelConfiguration.name ?? '',
    matches: (request) => rules.some((matches) => matches(request)),
    distinguisherOf: distinguisher(spec?.distinguisherMethod?.type),
  };
}

function distinguisher(method: string | undefined): FlowMatcher['distinguisherOf'] {
  if (method === 'ByUser') return ({ user }) => user.username;
  if (method === 'ByNamespace') return ({ target }) => (target.isResource ? target.namespace : '');
  return () => '';
}

type Matches = (request: SortedRequest) => boolean;

function ruleMatcher({
  subjects,
  resourceRules = [],
  nonResourceRules = [],
}: PolicyRulesWithSubjects): Matches {
  const isSubject = subjects.map(subjectMatcher);
  return ({ user, target }) =>
    isSubject.some((matches) => matches(user)) &&
    (target.isResource
      ? resourceRules.some((rule) => matchesResource(rule, target))
      : nonResourceRules.some((rule) => matchesPath(rule, target)));
}

function subjectMatcher({
  kind,
  user: wantedUser,
  group,
  serviceAccount,
}: Subject): (user: UserInfo) => boolean {
  if (kind === 'User') {
    const name = wantedUser?.name;
    return name === every ? () => true : ({ username }) => username === name;
  }
  if (kind === 'Group') {
    const name = group?.name ?? '';
    return name === every ? () => true : ({ groups }) => groups.includes(name);
  }
  return ({ username }) => {
    const account = parseServiceAccountUsername(username);
    if (account === undefined || serviceAccount?.namespace !== account.namespace) return false;
    return serviceAccount.name === every || serviceAccount.name === account.name;
  };
}

function matchesResource(
  { verbs, apiGroups, resources, namespaces = [], clusterScope = false }: ResourcePolicyRule,
  { verb, group, plural, subresource, namespace }: ResourceTarget,
): boolean {
  const resource = subresource === '' ? plural : `${plural}/${subresource}`;
  const isInScope = namespace === '' ? clusterScope : has(namespaces, namespace);
  return isInScope && has(verbs, verb) && has(apiGroups, group) && has(resources, resource);
}

function matchesPath(
  { verbs, nonResourceURLs }: NonResourcePolicyRule,
  { verb, path }: NonResourceTarget,
): boolean {
  return has(verbs, verb) && nonResourceURLs.some((pattern) => isBelow(pattern, path));
}

/** `/healthz` is itself only, `/healthz/*` what is below it. */
function isBelow(pattern: string, path: string): boolean {
  if (pattern === path || pattern === every) return true;
  return pattern.endsWith('/*') && path.startsWith(pattern.slice(0, -1));
}

function has(wanted: readonly string[], value: string): boolean {
  return wanted.includes(every) || wanted.includes(value);
}

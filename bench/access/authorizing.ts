import {
  type Authorizer,
  type Role,
  type RoleBinding,
  firstAuthorizer,
  firstMode,
  indexPolicy,
  nodeAuthorizer,
  privilegedGroupAuthorizer,
  rbacAuthorizer,
} from '@fairway/access';
import type { RequestTarget, UserInfo } from '@fairway/protocol';

const decisions = 200_000;

/** What deciding about one request costs, by how many bindings there are; and how little the number counts. */
export async function measureAuthorizing(): Promise<void> {
  console.log('\nAuthorizing (CPU of one decision, Node then RBAC)');
  for (const [bindings, subjects] of [
    [10, 1],
    [1_000, 1],
    [1_000, 1_000],
    [10_000, 1],
  ] as const) {
    const authorizer = authorizerWith(bindings, subjects);
    const [allowed, refused] = [
      await cpuOf(authorizer, userOf(bindings - 1), pods(`ns-${bindings - 1}`)),
      await cpuOf(authorizer, userOf(bindings - 1), pods('elsewhere')),
    ];
    const many = subjects === 1 ? '' : `, each of ${subjects} subjects`;
    const shown = `${bindings} bindings${many}`.padEnd(42);
    console.log(`  ${shown} allowed ${micro(allowed)}   refused ${micro(refused)}`);
  }
  const everywhere = authorizerWith(1_000, 1, { areOfOne: true });
  const all = await cpuOf(everywhere, userOf(0), pods('elsewhere'), decisions / 20);
  console.log(`  ${'1000 bindings, all of the one who asks'.padEnd(42)} refused ${micro(all)}`);
}

/** Bindings in as many namespaces, or all of the cluster for one user. */
function authorizerWith(
  count: number,
  subjectCount: number,
  { areOfOne = false }: { readonly areOfOne?: boolean } = {},
): Authorizer {
  const rules = ['configmaps', 'services', 'pods'].map((resource) => {
    return { apiGroups: [''], resources: [resource], verbs: ['get', 'list', 'watch'] };
  });
  const clusterRoles: Role[] = [
    { metadata: { name: 'reader' }, rules },
    { metadata: { name: 'other' }, rules: rules.slice(0, 2) },
  ];
  const role = areOfOne ? 'other' : 'reader';
  const bindings = Array.from({ length: count }, (_, at): RoleBinding => {
    const subjects = Array.from({ length: subjectCount }, (__, next) => {
      return { kind: 'User', name: `user-${areOfOne ? 0 : (at + next) % count}` };
    });
    const namespace = areOfOne ? {} : { namespace: `ns-${at}` };
    const roleRef = { kind: 'ClusterRole', name: role };
    return { metadata: { name: `binding-${at}`, ...namespace }, subjects, roleRef };
  });
  const index = indexPolicy({
    clusterRoles,
    roles: [],
    clusterRoleBindings: areOfOne ? bindings : [],
    roleBindings: areOfOne ? [] : bindings,
  });
  const node = nodeAuthorizer({ isNeeded: () => false, rules: [] });
  const modes = firstMode([node, rbacAuthorizer(() => index)]);
  return firstAuthorizer([privilegedGroupAuthorizer, modes.authorize]);
}

function userOf(at: number): UserInfo {
  return { username: `user-${at}`, groups: ['dev', 'system:authenticated'] };
}

function pods(namespace: string): RequestTarget {
  return {
    isResource: true,
    verb: 'list',
    group: '',
    version: 'v1',
    plural: 'pods',
    subresource: '',
    namespace,
    name: '',
    rest: '',
  };
}

/** Unit: microseconds of CPU for each. */
async function cpuOf(
  authorizer: Authorizer,
  user: UserInfo,
  target: RequestTarget,
  count = decisions,
): Promise<number> {
  for (let round = 0; round < count / 10; round++) await authorizer({ user, target });
  const before = process.cpuUsage();
  for (let round = 0; round < count; round++) await authorizer({ user, target });
  const { user: ours, system } = process.cpuUsage(before);
  return (ours + system) / count;
}

function micro(us: number): string {
  return `${us.toFixed(2)} µs`.padStart(9);
}

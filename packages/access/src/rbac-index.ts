import type { UserInfo } from '@fairway/protocol';
import type { PolicyRule, RbacPolicy, Role, RoleBinding, Subject } from './rbac-policy.ts';
import { serviceAccountUsername } from './well-known-names.ts';

/** What a binding gives one of its subjects. */
export interface Grant {
  readonly binding: RoleBinding;
  readonly subject: Subject;
  /** Undefined when the role that the binding names does not exist. */
  readonly rules: readonly PolicyRule[] | undefined;
}

/** Finds what is granted to a user without looking at what is granted to others. */
export interface RbacIndex {
  /** In every namespace and at the cluster scope. */
  clusterGrants(user: UserInfo): Iterable<Grant>;
  namespaceGrants(user: UserInfo, namespace: string): Iterable<Grant>;
}

/**
 * Keeps the index of the policy that it was asked about last.
 *
 * Shape: the parts of a policy whose arrays did not change are not indexed again, so a source that
 * replaces one array per write pays for that one only.
 */
export function rbacIndexer(): (policy: RbacPolicy) => RbacIndex {
  const clusterRoles = rememberLast(indexRoles);
  const roles = rememberLast(indexRoles);
  const clusterBindings = rememberLast(indexBindings);
  const bindings = rememberLast(indexBindings);
  return rememberLast((policy: RbacPolicy) => {
    const find: RoleLookup = {
      clusterRoles: clusterRoles(policy.clusterRoles),
      roles: roles(policy.roles),
    };
    return createIndex(
      clusterBindings(policy.clusterRoleBindings),
      bindings(policy.roleBindings),
      find,
    );
  });
}

interface RoleLookup {
  readonly clusterRoles: ReadonlyMap<string, Role>;
  /** By `namespace/name`. */
  readonly roles: ReadonlyMap<string, Role>;
}

interface SubjectBinding {
  readonly binding: RoleBinding;
  readonly subject: Subject;
}

type SubjectIndex = ReadonlyMap<string, readonly SubjectBinding[]>;

/** Finds the bindings of a namespace (empty for the cluster) by their subjects. */
type BindingIndex = (namespace: string) => SubjectIndex | undefined;

function createIndex(cluster: BindingIndex, namespaced: BindingIndex, find: RoleLookup): RbacIndex {
  function* grants(bySubject: SubjectIndex | undefined, user: UserInfo): Generator<Grant> {
    if (bySubject === undefined) return;
    for (const key of keysOf(user)) {
      for (const { binding, subject } of bySubject.get(key) ?? []) {
        yield { binding, subject, rules: rulesOf(binding, find) };
      }
    }
  }
  return {
    clusterGrants: (user) => grants(cluster(''), user),
    namespaceGrants: (user, namespace) => grants(namespaced(namespace), user),
  };
}

function rulesOf(binding: RoleBinding, find: RoleLookup): readonly PolicyRule[] | undefined {
  const { kind, name } = binding.roleRef;
  const namespace = binding.metadata.namespace ?? '';
  const role =
    kind === 'ClusterRole'
      ? find.clusterRoles.get(name)
      : kind === 'Role' && namespace !== ''
        ? find.roles.get(`${namespace}/${name}`)
        : undefined;
  return role === undefined ? undefined : (role.rules ?? []);
}

function indexRoles(roles: readonly Role[]): ReadonlyMap<string, Role> {
  return new Map(
    roles.map((role) => {
      const { namespace = '', name = '' } = role.metadata;
      return [namespace === '' ? name : `${namespace}/${name}`, role];
    }),
  );
}

/** Indexes a namespace only when somebody asks: a write must not pay for all the others. */
function indexBindings(bindings: readonly RoleBinding[]): BindingIndex {
  const byNamespace = Map.groupBy(bindings, ({ metadata }) => metadata.namespace ?? '');
  const indexed = new Map<string, SubjectIndex>();
  return (namespace) => {
    const known = indexed.get(namespace);
    const own = byNamespace.get(namespace);
    if (known !== undefined || own === undefined) return known;
    const index = indexSubjects(own, namespace);
    indexed.set(namespace, index);
    return index;
  };
}

function indexSubjects(bindings: readonly RoleBinding[], namespace: string): SubjectIndex {
  const index = new Map<string, SubjectBinding[]>();
  for (const binding of bindings) {
    for (const subject of binding.subjects ?? []) {
      const key = keyOf(subject, namespace);
      if (key === undefined) continue;
      const list = index.get(key);
      if (list === undefined) index.set(key, [{ binding, subject }]);
      else list.push({ binding, subject });
    }
  }
  return index;
}

// A user and a group may have the same name, so a key starts with which of the two it is.
function keyOf(subject: Subject, bindingNamespace: string): string | undefined {
  switch (subject.kind) {
    case 'User':
      return `u${subject.name}`;
    case 'Group':
      return `g${subject.name}`;
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace;
      if (namespace === '') return undefined;
      return `u${serviceAccountUsername({ namespace, name: subject.name })}`;
    }
    default:
      return undefined;
  }
}

function* keysOf(user: UserInfo): Generator<string> {
  yield `u${user.username}`;
  for (const group of user.groups) yield `g${group}`;
}

function rememberLast<Input extends object, Output>(
  compute: (input: Input) => Output,
): (input: Input) => Output {
  let last: { readonly input: Input; readonly output: Output } | undefined;
  return (input) => {
    if (last?.input !== input) last = { input, output: compute(input) };
    return last.output;
  };
}

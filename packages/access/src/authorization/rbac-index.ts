import type { UserInfo } from '@fairway/protocol';
import type { PolicyRule, RbacPolicy, Role, RoleBinding, Subject } from './rbac-policy.ts';
import { serviceAccountUsername } from '../well-known-names.ts';

/** What a binding gives one of its subjects. */
export interface Grant {
  readonly binding: RoleBinding;
  readonly subject: Subject;
  /** Undefined when the role that the binding names does not exist. */
  readonly rules: readonly PolicyRule[] | undefined;
}

interface SubjectBinding {
  readonly binding: RoleBinding;
  readonly subject: Subject;
}

/** The bindings of a namespace by their subjects, and of each subject by the binding's name. */
type SubjectIndex = Map<string, Map<string, SubjectBinding>>;

/**
 * Finds what is granted to a user without looking at what is granted to others, and is kept up to
 * date one object at a time: a write costs as much as what it changes, whatever else there is.
 *
 * Shape: cluster roles and their bindings have no namespace. Objects are replaced, never changed.
 */
export class RbacIndex {
  readonly #roles = new Map<string, Role>();
  readonly #bindings = new Map<string, RoleBinding>();
  /** By namespace; empty for the cluster. */
  readonly #subjects = new Map<string, SubjectIndex>();

  putRole(role: Role): void {
    this.#roles.set(nameOf(role), role);
  }

  deleteRole(role: Role): void {
    this.#roles.delete(nameOf(role));
  }

  putBinding(binding: RoleBinding): void {
    this.deleteBinding(binding);
    const name = nameOf(binding);
    this.#bindings.set(name, binding);
    const { namespace = '' } = binding.metadata;
    const index = emptyUnlessKnown(this.#subjects, namespace);
    for (const subject of binding.subjects ?? []) {
      const key = keyOf(subject, namespace);
      if (key === undefined) continue;
      const bindings = emptyUnlessKnown(index, key);
      if (!bindings.has(name)) bindings.set(name, { binding, subject });
    }
  }

  /** Takes away the binding that has the name of this one. */
  deleteBinding(binding: RoleBinding): void {
    const name = nameOf(binding);
    const known = this.#bindings.get(name);
    if (known === undefined) return;
    this.#bindings.delete(name);
    const { namespace = '' } = binding.metadata;
    const index = this.#subjects.get(namespace);
    for (const subject of known.subjects ?? []) {
      const key = keyOf(subject, namespace) ?? '';
      const bindings = index?.get(key);
      bindings?.delete(name);
      if (bindings?.size === 0) index?.delete(key);
    }
    if (index?.size === 0) this.#subjects.delete(namespace);
  }

  /** In every namespace and at the cluster scope. */
  clusterGrants(user: UserInfo): Iterable<Grant> {
    return this.#grants('', user);
  }

  namespaceGrants(user: UserInfo, namespace: string): Iterable<Grant> {
    return this.#grants(namespace, user);
  }

  /** Everything that is granted in a namespace, to whomever; at the cluster scope when it is empty. */
  *grantsIn(namespace: string): Generator<Grant> {
    for (const binding of this.#bindings.values()) {
      if ((binding.metadata.namespace ?? '') !== namespace) continue;
      const rules = this.#rulesOf(binding);
      for (const subject of binding.subjects ?? []) yield { binding, subject, rules };
    }
  }

  *#grants(namespace: string, user: UserInfo): Generator<Grant> {
    const index = this.#subjects.get(namespace);
    if (index === undefined) return;
    for (const key of keysOf(user)) {
      for (const { binding, subject } of index.get(key)?.values() ?? []) {
        yield { binding, subject, rules: this.#rulesOf(binding) };
      }
    }
  }

  #rulesOf(binding: RoleBinding): readonly PolicyRule[] | undefined {
    const { kind, name } = binding.roleRef;
    const { namespace = '' } = binding.metadata;
    if (kind !== 'ClusterRole' && (kind !== 'Role' || namespace === '')) return undefined;
    const role = this.#roles.get(kind === 'ClusterRole' ? name : `${namespace}/${name}`);
    return role === undefined ? undefined : (role.rules ?? []);
  }
}

/** The index of a policy that is all there is. */
export function indexPolicy(policy: RbacPolicy): RbacIndex {
  const index = new RbacIndex();
  for (const role of [...policy.clusterRoles, ...policy.roles]) index.putRole(role);
  for (const binding of [...policy.clusterRoleBindings, ...policy.roleBindings]) {
    index.putBinding(binding);
  }
  return index;
}

/** `name`, or `namespace/name`: a name of its own has no slash. */
function nameOf({ metadata: { namespace = '', name = '' } }: Role | RoleBinding): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

function emptyUnlessKnown<Value>(
  map: Map<string, Map<string, Value>>,
  key: string,
): Map<string, Value> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const empty = new Map<string, Value>();
  map.set(key, empty);
  return empty;
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

import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Grant, RbacIndex, indexPolicy } from './rbac-index.ts';
import type { Role, RoleBinding, Subject } from './rbac-policy.ts';

const namespaces = ['', 'x', 'y'];
const users = ['ann', 'bob', 'system:serviceaccount:x:ann'].map((username) => ({
  username,
  groups: ['ann', 'dev'],
}));

const arbitrarySubject = fc.record<Subject>({
  kind: fc.constantFrom('User', 'Group', 'ServiceAccount', 'Robot'),
  name: fc.constantFrom('ann', 'bob', 'dev'),
});
const arbitraryMetadata = fc
  .record({ namespace: fc.constantFrom(...namespaces), name: fc.constantFrom('a', 'b') })
  .map(({ namespace, name }) => (namespace === '' ? { name } : { namespace, name }));
const arbitraryRole = fc.record<Role>({
  metadata: arbitraryMetadata,
  rules: fc.array(fc.record({ verbs: fc.array(fc.constantFrom('get', 'list')) }), { maxLength: 2 }),
});
const arbitraryBinding = fc.record<RoleBinding>({
  metadata: arbitraryMetadata,
  subjects: fc.array(arbitrarySubject, { maxLength: 4 }),
  roleRef: fc.record({
    kind: fc.constantFrom('Role', 'ClusterRole', 'Cook'),
    name: fc.constantFrom('a', 'b'),
  }),
});

type Write =
  | { readonly kind: 'role'; readonly isDelete: boolean; readonly object: Role }
  | { readonly kind: 'binding'; readonly isDelete: boolean; readonly object: RoleBinding };

const arbitraryWrite: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constant('role'), isDelete: fc.boolean(), object: arbitraryRole }),
  fc.record({ kind: fc.constant('binding'), isDelete: fc.boolean(), object: arbitraryBinding }),
);

test('RbacIndex is after any writes what an index of the outcome is', () => {
  fc.assert(
    fc.property(fc.array(arbitraryWrite, { maxLength: 30 }), (writes) => {
      const index = new RbacIndex();
      const roles = new Map<string, Role>();
      const bindings = new Map<string, RoleBinding>();
      for (const { kind, isDelete, object } of writes) {
        const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
        if (kind === 'role') {
          if (isDelete) index.deleteRole(object);
          else index.putRole(object);
          if (isDelete) roles.delete(key);
          else roles.set(key, object);
        } else {
          if (isDelete) index.deleteBinding(object);
          else index.putBinding(object);
          if (isDelete) bindings.delete(key);
          else bindings.set(key, object);
        }
      }
      const isCluster = ({ metadata }: Role | RoleBinding): boolean =>
        metadata.namespace === undefined;
      const [allRoles, allBindings] = [[...roles.values()], [...bindings.values()]];
      const whole = indexPolicy({
        clusterRoles: allRoles.filter(isCluster),
        roles: allRoles.filter((role) => !isCluster(role)),
        clusterRoleBindings: allBindings.filter(isCluster),
        roleBindings: allBindings.filter((binding) => !isCluster(binding)),
      });
      deepEqual(grantsOf(index), grantsOf(whole));
    }),
  );
});

/** Every grant of everybody everywhere; in what order a user has them says nothing. */
function grantsOf(index: RbacIndex): readonly string[] {
  const tell = (grants: Iterable<Grant>): string[] =>
    [...grants].map((grant) => JSON.stringify(grant)).sort();
  return users.flatMap((user) => [
    ...tell(index.clusterGrants(user)),
    ...namespaces.flatMap((namespace) => tell(index.namespaceGrants(user, namespace))),
  ]);
}

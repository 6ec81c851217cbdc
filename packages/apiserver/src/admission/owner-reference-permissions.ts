import type { Authorizer, Decision } from '@fairway/access';
import {
  type KubernetesObject,
  type OwnerReference,
  type UserInfo,
  equalsJson,
  forbidden,
} from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';

/**
 * Lets only those who may delete an object say what it goes with, and only those who may hold up the deletion of
 * an owner by finalizers hold it up by `blockOwnerDeletion`. Source: Kubernetes admission,
 * OwnerReferencesPermissionEnforcement.
 */
export function ownerReferencePermissions(
  authorizer: Authorizer,
  registry: Pick<ResourceRegistry, 'findByKind'>,
): AdmissionPlugin {
  return {
    name: 'OwnerReferencesPermissionEnforcement',
    operations: ['CREATE', 'UPDATE'],
    async validate(request) {
      const { object, stored, resource, subresource, namespace, name, user } = request;
      const isPodStatus =
        resource.plural === 'pods' && resource.group === '' && subresource === 'status';
      const [before, now] = [ownersOf(stored), ownersOf(object)];
      if (isPodStatus || equalsJson(before, now)) return;
      const subject = { ...resource, name };
      const what = { user, group: resource.group, version: resource.version };
      const self = { ...what, plural: resource.plural, subresource, namespace, name };
      const mayDelete = await ask(authorizer, 'delete', self);
      if (mayDelete.kind !== 'allow') {
        const why = `cannot set an ownerRef on a resource you can't delete: ${reasonOf(mayDelete)}`;
        throw forbidden(subject, why);
      }
      for (const owner of newlyBlocking(before, now)) {
        const { apiVersion, kind } = owner;
        const found = registry.findByKind(apiVersion, kind);
        if (found === undefined) {
          const why = `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}`;
          throw forbidden(subject, why);
        }
        const mayHoldUp = await ask(authorizer, 'update', {
          user,
          group: found.group,
          version: found.version,
          plural: found.plural,
          subresource: 'finalizers',
          namespace: found.isNamespaced ? namespace : '',
          name: owner.name,
        });
        if (mayHoldUp.kind === 'allow') continue;
        const why = `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${reasonOf(mayHoldUp)}`;
        throw forbidden(subject, why);
      }
    },
  };
}

function ownersOf(object: KubernetesObject | undefined): readonly OwnerReference[] {
  return object?.metadata?.ownerReferences ?? [];
}

function newlyBlocking(
  before: readonly OwnerReference[],
  now: readonly OwnerReference[],
): readonly OwnerReference[] {
  const blocking = new Set(before.filter(blocks).map(({ uid }) => uid));
  return now.filter((each) => blocks(each) && !blocking.has(each.uid));
}

function blocks({ blockOwnerDeletion }: OwnerReference): boolean {
  return blockOwnerDeletion === true;
}

interface Wanted {
  readonly user: UserInfo;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

function ask(
  authorizer: Authorizer,
  verb: 'delete' | 'update',
  { user, ...what }: Wanted,
): Decision | Promise<Decision> {
  return authorizer({ user, target: { isResource: true, verb, ...what, rest: '' } });
}

/** With what went wrong, as Go prints it. */
function reasonOf({ reason, evaluationError = '<nil>' }: Decision): string {
  return `${reason}, ${evaluationError}`;
}

import { type RequestTarget, type ResourceTarget } from '@fairway/protocol';
import { neededRights } from '@fairway/access';

/** What a request is aimed at, and whether it becomes a stream in both directions. */
export interface JudgedUse {
  readonly target: RequestTarget;
  readonly isUpgrade: boolean;
}

/**
 * Everything that a request comes to, as the requests would say that do it openly: some subresources do more than
 * their names and methods tell.
 */
export function requestUses({ target, isUpgrade }: JudgedUse): readonly RequestTarget[] {
  const needed = neededRights(target);
  if (!target.isResource) return needed;
  return [...needed, ...consequencesOf(target, isUpgrade)];
}

function consequencesOf(target: ResourceTarget, isUpgrade: boolean): readonly RequestTarget[] {
  const { verb, plural, subresource } = target;
  // Each of them is deleted, whichever they are.
  if (verb === 'deletecollection') return [{ ...target, verb: 'delete' }];
  if (target.group !== '') return [];
  const changes = verb !== 'get' || isUpgrade;
  switch (subresource === '' ? plural : `${plural}/${subresource}`) {
    case 'pods/eviction':
      return changes ? [{ ...target, subresource: '', verb: 'delete' }] : [];
    case 'pods/binding':
    case 'bindings':
      return verb === 'create' ? [ofPods(target, 'update')] : [];
    case 'pods/ephemeralcontainers':
      // A container that is added runs whatever its image says, within the pod.
      return changes ? [{ ...target, subresource: 'exec', verb: 'create' }] : [];
    case 'serviceaccounts/token':
      return changes ? [{ ...target, subresource: '', verb: 'impersonate' }] : [];
    case 'nodes/proxy':
      // A kubelet tells of all of its pods, and runs commands in them.
      return changes
        ? [{ ...ofPods(target, 'create'), subresource: 'exec' }]
        : [ofPods(target, 'list')];
    default:
      return [];
  }
}

/** The name of the pod is in the body, or there are several. */
function ofPods(target: ResourceTarget, verb: string): ResourceTarget {
  const name = target.plural === 'pods' ? target.name : '';
  return { ...target, verb, plural: 'pods', subresource: '', name, rest: '' };
}

import type { ResourceTarget } from '@fairway/protocol';
import type { AuthorizationMode } from './authorization-mode.ts';
import { type Decision, noOpinion } from './authorizer.ts';
import { nodeNameOf } from './node-identity.ts';
import { ruleAllows } from './policy-rule.ts';
import type { PolicyRule } from './rbac-policy.ts';

/** What nodes are given only when something on them needs it, by its plural. */
export type NeededPlural =
  | 'configmaps'
  | 'persistentvolumeclaims'
  | 'persistentvolumes'
  | 'pods'
  | 'resourceclaims'
  | 'resourceslices'
  | 'secrets'
  | 'serviceaccounts'
  | 'volumeattachments';

export interface NeededObject {
  readonly plural: NeededPlural;
  /** Empty for what has none. */
  readonly namespace: string;
  readonly name: string;
}

/** Whether a node needs an object: one of its pods names it, or it is the node's own. */
export type IsNeeded = (node: string, object: NeededObject) => boolean;

/**
 * The mode `Node`: a kubelet reads what its own pods need, and writes about itself. It never denies, so
 * that roles may give a node more.
 *
 * Shape: `rules` are those of the cluster role `system:node`, for what is not divided among nodes.
 * Source: Kubernetes, using Node authorization; the reasons are those of a kube-apiserver 1.36.
 */
export function nodeAuthorizer(parts: {
  readonly isNeeded: IsNeeded;
  readonly rules: readonly PolicyRule[];
}): AuthorizationMode {
  return {
    authorize: ({ user, target }) => {
      const node = nodeNameOf(user);
      if (node === undefined) return noOpinion;
      if (node === '') return refuse(`unknown node for user ${JSON.stringify(user.username)}`);
      const judge = target.isResource ? judges[`${target.group}/${target.plural}`] : undefined;
      if (judge !== undefined && target.isResource) {
        return judge({ node, target, isNeeded: parts.isNeeded });
      }
      return parts.rules.some((rule) => ruleAllows(rule, target)) ? allow : noOpinion;
    },
    rulesFor: (user) => {
      if (nodeNameOf(user) === undefined) return { rules: [], errors: [] };
      const why = 'node authorizer does not support user rule resolution';
      return { rules: [], errors: [why], isIncomplete: true };
    },
  };
}

/** What a node wants with one resource. */
interface NodeRequest {
  readonly node: string;
  readonly target: ResourceTarget;
  readonly isNeeded: IsNeeded;
}

type Judge = (request: NodeRequest) => Decision;

const allow: Decision = { kind: 'allow', reason: '' };

function refuse(reason: string): Decision {
  return { kind: 'noOpinion', reason };
}

/** By group and plural. */
const judges: Readonly<Record<string, Judge>> = {
  '/secrets': (request) => judgeRead('secrets', request),
  '/configmaps': (request) => judgeRead('configmaps', request),
  '/persistentvolumeclaims': judgeClaim,
  '/persistentvolumes': (request) => judgeGet('persistentvolumes', request),
  'resource.k8s.io/resourceclaims': (request) => judgeGet('resourceclaims', request),
  'storage.k8s.io/volumeattachments': (request) => judgeGet('volumeattachments', request),
  '/serviceaccounts': judgeServiceAccount,
  'coordination.k8s.io/leases': judgeLease,
  'storage.k8s.io/csinodes': judgeCsiNode,
  'resource.k8s.io/resourceslices': judgeResourceSlice,
  '/nodes': judgeNode,
  '/pods': judgePod,
};

function judgeNeeded(plural: NeededPlural, { node, target, isNeeded }: NodeRequest): Decision {
  const { namespace, name } = target;
  if (name === '') return refuse('No Object name found');
  if (isNeeded(node, { plural, namespace, name })) return allow;
  return refuse(`no relationship found between node '${node}' and this object`);
}

function judgeGet(plural: NeededPlural, request: NodeRequest): Decision {
  const { verb, subresource } = request.target;
  if (verb !== 'get') return refuse('can only get individual resources of this type');
  if (subresource !== '') return refuse('cannot get subresource');
  return judgeNeeded(plural, request);
}

/** A list or a watch of one name counts as reading the object. */
function judgeRead(plural: NeededPlural, request: NodeRequest): Decision {
  const { verb, subresource, namespace } = request.target;
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch') {
    return refuse('can only read resources of this type');
  }
  if (subresource !== '') return refuse('cannot read subresource');
  if (namespace === '') return refuse('can only read namespaced object of this type');
  return judgeNeeded(plural, request);
}

function judgeClaim(request: NodeRequest): Decision {
  const { verb, subresource } = request.target;
  if (subresource !== 'status') return judgeGet('persistentvolumeclaims', request);
  if (verb !== 'update' && verb !== 'patch') return refuse('can only get/update/patch this type');
  return judgeNeeded('persistentvolumeclaims', request);
}

/** The account itself is read for the credentials that pull images. */
function judgeServiceAccount(request: NodeRequest): Decision {
  const { verb, subresource, name } = request.target;
  if (verb === 'get' && subresource === '') return judgeRead('serviceaccounts', request);
  if (verb !== 'create' || name === '') {
    return refuse('can only create tokens for individual service accounts');
  }
  if (subresource !== 'token') return refuse('can only create token subresource of serviceaccount');
  return judgeNeeded('serviceaccounts', request);
}

const ownVerbs: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete']);

/** The name of what is created is not known yet: NodeRestriction looks at it. */
function judgeLease({ node, target: { verb, namespace, name } }: NodeRequest): Decision {
  if (!ownVerbs.has(verb)) {
    return refuse('can only get, create, update, patch, or delete a node lease');
  }
  if (namespace !== 'kube-node-lease') {
    return refuse('can only access leases in the "kube-node-lease" system namespace');
  }
  if (verb === 'create' || name === node) return allow;
  return refuse('can only access node lease with the same name as the requesting node');
}

function judgeCsiNode({ node, target: { verb, subresource, name } }: NodeRequest): Decision {
  if (!ownVerbs.has(verb)) {
    return refuse('can only get, create, update, patch, or delete a CSINode');
  }
  if (subresource !== '') return refuse('cannot authorize CSINode subresources');
  if (verb === 'create' || name === node) return allow;
  return refuse('can only access CSINode with the same name as the requesting node');
}

function judgeResourceSlice(request: NodeRequest): Decision {
  const { verb, subresource } = request.target;
  if (subresource !== '') return refuse('cannot authorize ResourceSlice subresources');
  switch (verb) {
    case 'create':
      return allow;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return judgeNeeded('resourceslices', request);
    case 'watch':
    case 'list':
    case 'deletecollection':
      if (isNarrowedTo('spec.nodeName', request)) return allow;
      return refuse(
        'can only list/watch/deletecollection resourceslices with nodeName field selector',
      );
    default:
      return refuse(
        'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
      );
  }
}

/** What a node writes, it may write about itself only: NodeRestriction looks at it. */
function judgeNode({ node, target: { verb, subresource, name } }: NodeRequest): Decision {
  if (subresource === 'status') {
    return verb === 'update' || verb === 'patch' ? allow : noOpinion;
  }
  if (subresource !== '') return noOpinion;
  if (verb === 'create' || verb === 'update' || verb === 'patch') return allow;
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch') return noOpinion;
  // Not looked up: a kubelet asks for its node before it creates it.
  if (name === node) return allow;
  const what = name === '' ? 'all nodes' : `'${name}'`;
  return refuse(`node '${node}' cannot read ${what}, only its own Node object`);
}

function judgePod(request: NodeRequest): Decision {
  const { verb, subresource, name } = request.target;
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? allow : noOpinion;
  if (subresource === 'eviction') return verb === 'create' ? allow : noOpinion;
  if (subresource !== '') return noOpinion;
  switch (verb) {
    case 'get':
      return judgeGet('pods', request);
    case 'list':
    case 'watch':
      if (isNarrowedTo('spec.nodeName', request)) return allow;
      if (name !== '') return judgeNeeded('pods', request);
      return refuse('can only list/watch pods with spec.nodeName field selector');
    case 'create':
    case 'delete':
      return allow;
    default:
      return noOpinion;
  }
}

function isNarrowedTo(field: string, { node, target }: NodeRequest): boolean {
  return (target.fieldSelector ?? []).some(
    (each) => each.field === field && each.isEqual && each.value === node,
  );
}

import type { PlainMap } from '@fairway/cel';
import type { UserInfo } from '@fairway/protocol';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { AdmissionOperation, AdmissionRequest } from '../admission-plugin.ts';
import { isNamespaceItself } from '../matching/match-rule.ts';

/**
 * The value of `request`. `seenAs` is the resource in the version in which the expression's webhook or policy
 * sees the object; fields that have nothing are absent. Source: admission/v1 AdmissionRequest.
 */
export function requestVariable(request: AdmissionRequest, seenAs: ServedResource): PlainMap {
  const { operation, resource, subresource, user, options } = request;
  const name = request.isOfCollection === true ? '' : request.name;
  // A namespace is in itself.
  const namespace = isNamespaceItself(resource) ? request.name : request.namespace;
  const value: Record<string, PlainMap[string]> = {
    uid: '',
    kind: kindOf(seenAs, subresource),
    resource: resourceOf(seenAs),
    requestKind: kindOf(resource, subresource),
    requestResource: resourceOf(resource),
    operation,
    userInfo: userInfoOf(user),
    dryRun: options.dryRun !== undefined,
    options: optionsOf(operation, options),
  };
  if (subresource !== '') {
    value['subResource'] = subresource;
    value['requestSubResource'] = subresource;
  }
  if (name !== '') value['name'] = name;
  if (namespace !== '') value['namespace'] = namespace;
  return value;
}

/** Of a subresource with a kind of its own, that one: `Scale`. */
function kindOf(resource: ServedResource, subresource: string): PlainMap {
  const { group, version, kind } = resource.subresources.get(subresource) ?? resource;
  return { group, version, kind };
}

function resourceOf({ group, version, plural }: ServedResource): PlainMap {
  return { group, version, resource: plural };
}

function userInfoOf({ username, uid, groups, extra }: UserInfo): PlainMap {
  return {
    ...(username !== '' && { username }),
    ...(uid !== undefined && uid !== '' && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(extra !== undefined && Object.keys(extra).length > 0 && { extra }),
  };
}

const optionsKinds: Readonly<Record<AdmissionOperation, string | undefined>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
  CONNECT: undefined,
};

function optionsOf(
  operation: AdmissionOperation,
  options: AdmissionRequest['options'],
): PlainMap | null {
  const kind = optionsKinds[operation];
  if (kind === undefined) return null;
  // An apply is told as the create or the update that it is.
  const { force: _, ...rest } = options as AdmissionRequest['options'] & { force?: boolean };
  return { kind, apiVersion: 'meta.k8s.io/v1', ...(rest as unknown as PlainMap) };
}

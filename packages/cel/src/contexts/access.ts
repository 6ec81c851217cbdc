import type { Environment } from '../environment.ts';
import { kubernetesEnvironment } from '../kubernetes.ts';
import { type Type, dynType, listType, mapType, stringType } from '../type.ts';
import { declareObject, extraType, fieldsOf, textsType } from './declare-object.ts';

/**
 * The environments of authentication and authorization. Source: Kubernetes, authentication/cel and
 * authorization/cel; API reference, AuthenticationConfiguration and AuthorizationConfiguration.
 */

/** `claims`: what an identity token says, of which nothing is known before. */
export function claimsEnvironment(): Environment {
  return kubernetesEnvironment().withVariables({ claims: mapType(stringType, dynType) });
}

/** `user`: whom the claims were mapped to. */
export function userEnvironment(): Environment {
  const user = declareObject('kubernetes.UserInfo', {
    ...fieldsOf(stringType, 'username', 'uid'),
    groups: textsType,
    extra: extraType,
  });
  return kubernetesEnvironment().withVariables({ user });
}

/** `request`: the question whether somebody may do something, as an authorizer gets it. */
export function accessReviewEnvironment(): Environment {
  const request = declareObject('kubernetes.SubjectAccessReviewSpec', {
    resourceAttributes: declareObject('kubernetes.ResourceAttributes', {
      ...fieldsOf(stringType, 'namespace', 'verb', 'group', 'version', 'resource'),
      ...fieldsOf(stringType, 'subresource', 'name'),
      fieldSelector: selectorType('kubernetes.FieldSelectorAttributes'),
      labelSelector: selectorType('kubernetes.LabelSelectorAttributes'),
    }),
    nonResourceAttributes: declareObject(
      'kubernetes.NonResourceAttributes',
      fieldsOf(stringType, 'path', 'verb'),
    ),
    ...fieldsOf(stringType, 'user', 'uid'),
    groups: textsType,
    extra: extraType,
  });
  return kubernetesEnvironment().withVariables({ request });
}

function selectorType(name: string): Type {
  const requirement = declareObject('kubernetes.SelectorRequirement', {
    ...fieldsOf(stringType, 'key', 'operator'),
    values: textsType,
  });
  return declareObject(name, { rawSelector: stringType, requirements: listType(requirement) });
}

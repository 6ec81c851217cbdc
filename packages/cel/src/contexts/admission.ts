import type { Environment } from '../environment.ts';
import { kubernetesEnvironment } from '../kubernetes.ts';
import { authorizerType, resourceCheckType } from '../libraries/kubernetes/authorizer.ts';
import { mutationsLibrary } from '../libraries/kubernetes/mutations.ts';
import {
  type ObjectType,
  Type,
  boolType,
  dynType,
  intType,
  listType,
  stringType,
  timestampType,
} from '../type.ts';
import { declareObject, extraType, fieldsOf, stringMapType, textsType } from './declare-object.ts';

/** What an expression about a request may name, beside `object`, `oldObject`, `request` and `namespaceObject`. */
export interface AdmissionScope {
  /** `params`: the policy has a `paramKind`. */
  readonly hasParams: boolean;
  /** `authorizer` and `authorizer.requestResource`. */
  readonly hasAuthorizer: boolean;
  /** `Object` and `JSONPatch`: the expression makes a patch. */
  readonly hasPatchTypes: boolean;
  /** The fields of `variables`; undefined: there is no such variable. */
  readonly variables: ReadonlyMap<string, Type> | undefined;
  /** What is known of `object` and `oldObject`, and of `params`; nothing when absent. */
  readonly objectType?: Type;
  readonly paramsType?: Type;
}

/**
 * The environments of admission: policies, and the conditions of webhooks. Source: Kubernetes,
 * admission/plugin/cel/compile.go; API reference, ValidatingAdmissionPolicy.
 */
export class AdmissionEnvironments {
  readonly #base = kubernetesEnvironment();
  #withPatchTypes: Environment | undefined;

  of(scope: AdmissionScope): Environment {
    const { hasParams, hasAuthorizer, hasPatchTypes, variables } = scope;
    const { objectType = dynType, paramsType = dynType } = scope;
    const base = hasPatchTypes ? this.#patching() : this.#base;
    return base.withVariables({
      object: objectType,
      oldObject: objectType,
      namespaceObject: namespaceType,
      request: requestType,
      ...(hasParams && { params: paramsType }),
      ...(hasAuthorizer && {
        authorizer: authorizerType,
        'authorizer.requestResource': resourceCheckType,
      }),
      ...(variables && {
        variables: declareObject('kubernetes.variables', Object.fromEntries(variables)),
      }),
    });
  }

  #patching(): Environment {
    return (this.#withPatchTypes ??= this.#base.withLibraries(mutationsLibrary));
  }
}

const plainKinds: ReadonlySet<Type['kind']> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'int',
  'null',
  'string',
  'timestamp',
  'uint',
]);

/** The type that others see a variable of a policy with: of objects and of what failed nothing is known. */
export function variableType(type: Type | undefined): Type {
  if (type === undefined) return dynType;
  if (plainKinds.has(type.kind)) return type;
  if (type.kind !== 'list' && type.kind !== 'map') return dynType;
  return new Type(type.kind, type.name, type.parameters.map(variableType));
}

const groupVersionKindType = declareObject(
  'kubernetes.GroupVersionKind',
  fieldsOf(stringType, 'group', 'version', 'kind'),
);

const groupVersionResourceType = declareObject(
  'kubernetes.GroupVersionResource',
  fieldsOf(stringType, 'group', 'version', 'resource'),
);

const requestType: ObjectType = declareObject('kubernetes.AdmissionRequest', {
  ...fieldsOf(groupVersionKindType, 'kind', 'requestKind'),
  ...fieldsOf(groupVersionResourceType, 'resource', 'requestResource'),
  ...fieldsOf(stringType, 'subResource', 'requestSubResource', 'name', 'namespace', 'operation'),
  userInfo: declareObject('kubernetes.UserInfo', {
    ...fieldsOf(stringType, 'username', 'uid'),
    groups: textsType,
    extra: extraType,
  }),
  dryRun: boolType,
  options: dynType,
});

const namespaceType: ObjectType = declareObject('kubernetes.Namespace', {
  metadata: declareObject('kubernetes.NamespaceMetadata', {
    ...fieldsOf(stringType, 'name', 'generateName', 'namespace', 'UID', 'resourceVersion'),
    ...fieldsOf(stringMapType, 'labels', 'annotations'),
    ...fieldsOf(timestampType, 'creationTimestamp', 'deletionTimestamp'),
    ...fieldsOf(intType, 'deletionGracePeriodSeconds', 'generation'),
    finalizers: textsType,
  }),
  spec: declareObject('kubernetes.NamespaceSpec', { finalizers: textsType }),
  status: declareObject('kubernetes.NamespaceStatus', {
    conditions: listType(
      declareObject('kubernetes.NamespaceCondition', {
        ...fieldsOf(stringType, 'status', 'type', 'message', 'reason'),
        lastTransitionTime: timestampType,
      }),
    ),
    phase: stringType,
  }),
});

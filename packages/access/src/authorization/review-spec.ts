import type { FieldSelector, LabelSelector, ResourceTarget } from '@fairway/protocol';
import type { AccessAttributes } from './authorizer.ts';

/** A question as a webhook gets it. Source: authorization.k8s.io/v1, SubjectAccessReviewSpec. */
export interface ReviewSpec {
  readonly user: string;
  readonly groups: readonly string[];
  readonly uid: string;
  readonly extra: Readonly<Record<string, readonly string[]>>;
  readonly resourceAttributes?: ResourceAttributesSpec;
  readonly nonResourceAttributes?: { readonly path: string; readonly verb: string };
}

interface ResourceAttributesSpec {
  readonly namespace: string;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  readonly fieldSelector?: RequirementsSpec;
  readonly labelSelector?: RequirementsSpec;
}

interface RequirementsSpec {
  readonly requirements: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Every field, also where it is empty: a condition may ask for it. */
export function reviewSpecOf({ user, target }: AccessAttributes): ReviewSpec {
  const { username, groups, uid = '', extra = {} } = user;
  const who = { user: username, groups, uid, extra };
  if (target.isResource) return { ...who, resourceAttributes: attributesOf(target) };
  const { path, verb } = target;
  return { ...who, nonResourceAttributes: { path, verb } };
}

function attributesOf(target: ResourceTarget): ResourceAttributesSpec {
  const { namespace, verb, group, version, plural, subresource, name } = target;
  const fieldSelector = fieldsSpec(target.fieldSelector ?? []);
  const labelSelector = labelsSpec(target.labelSelector ?? []);
  return {
    namespace,
    verb,
    group,
    version,
    resource: plural,
    subresource,
    name,
    ...(fieldSelector.requirements.length === 0 ? {} : { fieldSelector }),
    ...(labelSelector.requirements.length === 0 ? {} : { labelSelector }),
  };
}

function fieldsSpec(selector: FieldSelector): RequirementsSpec {
  const requirements = selector.map(({ field, isEqual, value }) => {
    return { key: field, operator: isEqual ? 'In' : 'NotIn', values: [value] };
  });
  return { requirements };
}

const operators: Readonly<Record<string, string>> = {
  in: 'In',
  '=': 'In',
  notin: 'NotIn',
  '!=': 'NotIn',
  exists: 'Exists',
  absent: 'DoesNotExist',
};

/** A comparison of numbers cannot be told in a review; without it more is asked for. */
function labelsSpec(selector: LabelSelector): RequirementsSpec {
  const requirements = selector.flatMap(({ key, operator: ours, values }) => {
    const operator = operators[ours];
    if (operator === undefined) return [];
    return [{ key, operator, ...(values.length === 0 ? {} : { values }) }];
  });
  return { requirements };
}

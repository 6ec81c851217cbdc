import {
  ApiError,
  type FieldError,
  type FieldRequirement,
  type FieldSelector,
  type LabelSelector,
  type LabelSelectorObject,
  checkLabelKey,
  checkLabelValue,
  forbiddenField,
  invalidValue,
  parseFieldSelector,
  parseLabelSelector,
  parseLabelSelectorObject,
  required,
} from '@fairway/protocol';

/** A selector in one of two forms. Source: authorization.k8s.io/v1, ResourceAttributes. */
export interface AttributesSelector {
  readonly rawSelector?: string;
  readonly requirements?: readonly SelectorRequirement[];
}

export interface SelectorRequirement {
  readonly key?: string;
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`; others are passed over. */
  readonly operator?: string;
  readonly values?: readonly string[];
}

/** The two selectors of what a review asks about. */
export interface ReviewedSelectors {
  readonly fieldSelector?: AttributesSelector;
  readonly labelSelector?: AttributesSelector;
}

const place = 'spec.resourceAttributes';

/** What is wrong with the selectors of a review. */
export function selectorErrors(attributes: ReviewedSelectors): readonly FieldError[] {
  return (['fieldSelector', 'labelSelector'] as const).flatMap((name) => {
    const selector = attributes[name];
    if (selector === undefined) return [];
    const { rawSelector = '', requirements = [] } = selector;
    const field = `${place}.${name}`;
    const errors: FieldError[] = [];
    if (rawSelector !== '' && requirements.length > 0) {
      const why = 'may not specified at the same time as requirements';
      errors.push(invalidValue(`${field}.rawSelector`, rawSelector, why));
    }
    if (rawSelector === '' && requirements.length === 0) {
      const why = `when ${field} is specified, requirements or rawSelector is required`;
      errors.push(required(`${field}.requirements`, why));
    }
    const ofOne = name === 'fieldSelector' ? fieldRequirementErrors : labelRequirementErrors;
    const all = requirements.flatMap((each, at) => ofOne(`${field}.requirements[${at}]`, each));
    return [...errors, ...all];
  });
}

function fieldRequirementErrors(field: string, requirement: SelectorRequirement): FieldError[] {
  const { key = '' } = requirement;
  const errors = key === '' ? [required(`${field}.key`, 'must be specified')] : [];
  return [...errors, ...operatorErrors(field, requirement)];
}

function labelRequirementErrors(field: string, requirement: SelectorRequirement): FieldError[] {
  const { key = '', values = [] } = requirement;
  const errors = [...operatorErrors(field, requirement)];
  const problem = checkLabelKey(key);
  if (problem !== undefined) errors.push(invalidValue(`${field}.key`, key, problem));
  for (const [at, value] of values.entries()) {
    const why = checkLabelValue(value);
    if (why !== undefined) errors.push(invalidValue(`${field}.values[${at}]`, value, why));
  }
  return errors;
}

function operatorErrors(field: string, { operator, values = [] }: SelectorRequirement) {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    return [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    return [forbiddenField(`${field}.values`, why)];
  }
  return [];
}

/** What can be read of the selectors, and what was passed over because it cannot, in words. */
export interface ReadSelectors {
  readonly fieldSelector?: FieldSelector;
  readonly labelSelector?: LabelSelector;
  readonly problems: readonly string[];
}

/**
 * Reads the selectors of a review as those of a request. A requirement that cannot be read is passed over:
 * without it more is asked for, so that nothing is allowed by it.
 */
export function readSelectors(attributes: ReviewedSelectors): ReadSelectors {
  const fields = readSelector(attributes.fieldSelector, parseFieldSelector, fieldRequirement);
  const labels = readSelector(attributes.labelSelector, parseLabelSelector, labelRequirement);
  return {
    ...(fields.selector.length === 0 ? {} : { fieldSelector: fields.selector }),
    ...(labels.selector.length === 0 ? {} : { labelSelector: labels.selector }),
    problems: [...problemsOf('fieldSelector', fields), ...problemsOf('labelSelector', labels)],
  };
}

interface ReadSelector<Requirement> {
  readonly selector: readonly Requirement[];
  readonly isWhole: boolean;
}

function readSelector<Requirement>(
  { rawSelector = '', requirements = [] }: AttributesSelector = {},
  parse: (text: string) => readonly Requirement[],
  read: (requirement: SelectorRequirement) => Requirement | undefined,
): ReadSelector<Requirement> {
  if (rawSelector !== '') {
    const selector = unlessMalformed(() => parse(rawSelector));
    return { selector: selector ?? [], isWhole: selector !== undefined };
  }
  const known = requirements.map(read).filter((each) => each !== undefined);
  return { selector: known, isWhole: known.length === requirements.length };
}

/** Fields are compared with one value only. */
function fieldRequirement({
  key = '',
  operator,
  values = [],
}: SelectorRequirement): FieldRequirement | undefined {
  const [value] = values;
  if ((operator !== 'In' && operator !== 'NotIn') || value === undefined) return undefined;
  return values.length === 1 ? { field: key, isEqual: operator === 'In', value } : undefined;
}

function labelRequirement(requirement: SelectorRequirement): LabelSelector[number] | undefined {
  const { key = '', operator = '', values = [] } = requirement;
  const one: LabelSelectorObject = { matchExpressions: [{ key, operator, values }] };
  return unlessMalformed(() => parseLabelSelectorObject(one))?.[0];
}

function problemsOf(name: string, { selector, isWhole }: ReadSelector<unknown>): readonly string[] {
  if (isWhole) return [];
  const partially = selector.length === 0 ? '' : 'partially ';
  return [`${place}.${name} ${partially}ignored due to parse error`];
}

function unlessMalformed<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

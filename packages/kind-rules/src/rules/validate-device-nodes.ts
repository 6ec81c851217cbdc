import { checkDnsSubdomain, invalidValue, required } from '@fairway/protocol';

import type { FieldErrors } from '../field-checks.ts';

interface NodeChoice {
  readonly nodeName?: string;
  readonly nodeSelector?: object;
  readonly allNodes?: boolean;
  readonly perDeviceNodeSelection?: boolean;
}

interface ChoicePlace {
  readonly field: string;
  readonly names: readonly (keyof NodeChoice)[];
  /** What is said of an empty name, of nothing and of too much. */
  readonly words: { readonly emptyName: string; readonly none: string; readonly several: string };
}

/**
 * The nodes that devices are for are told in one of a few ways.
 * Source: resource.k8s.io/v1 ResourceSliceSpec and Device; resource validation.
 */
export function expectNodesChosen(
  choice: NodeChoice,
  { field, names, words }: ChoicePlace,
  errors: FieldErrors,
): void {
  const given: string[] = [];
  for (const name of names) {
    const value = choice[name];
    if (value === undefined) continue;
    if (value === '') errors.push(invalidValue(`${field}.${name}`, '', words.emptyName));
    else if (value === false) {
      errors.push(invalidValue(`${field}.${name}`, false, 'must be either unset or set to true'));
    } else given.push(`\`${name}\``);
  }
  if (choice.nodeName) {
    const wrong = checkDnsSubdomain(choice.nodeName);
    if (wrong !== undefined) errors.push(invalidValue(`${field}.nodeName`, choice.nodeName, wrong));
  }
  if (given.length === 0) errors.push(required(field, words.none));
  else if (given.length > 1) {
    errors.push(invalidValue(field, `{${given.join(', ')}}`, words.several));
  }
}

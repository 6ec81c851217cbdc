import type { SizeAt } from '../cost/known-sizes.ts';
import type { Environment } from '../environment.ts';
import { kubernetesEnvironment } from '../kubernetes.ts';
import { bindingsLibrary } from '../libraries/bindings.ts';
import { quantityType } from '../libraries/kubernetes/quantity.ts';
import { type Type, boolType, dynType, mapType, stringType } from '../type.ts';
import { declareObject } from './declare-object.ts';

/** What choosing a device by one expression may cost. Source: API reference, CELDeviceSelector. */
export const deviceSelectorCostMax = 1_000_000;

/** What attributes and capacities are grouped by is a domain: `device.attributes['dra.example.com'].a`. */
function byDomain(value: Type): Type {
  return mapType(stringType, mapType(stringType, value));
}

/**
 * What the selectors of devices may name: `device`. They have `cel.bind` too. Source: Kubernetes,
 * dynamic-resource-allocation/cel; API reference, CELDeviceSelector.
 */
export function deviceEnvironment(): Environment {
  const device = declareObject('kubernetes.DRADevice', {
    driver: stringType,
    allowMultipleAllocations: boolType,
    attributes: byDomain(dynType),
    capacity: byDomain(quantityType),
  });
  return kubernetesEnvironment().withLibraries(bindingsLibrary).withVariables({ device });
}

// Source: API reference, ResourceSlice: the longest texts, and how many attributes a device may have.
const domainCharactersMax = 63;
const idCharactersMax = 32;
const valueCharactersMax = 64;
const attributesMax = 32;

/** How large the parts of a device may be. */
export const deviceSizeAt: SizeAt = ([, field, ...steps]) => {
  const max = sizeMax(field, steps);
  return max === undefined ? undefined : { min: 0, max };
};

function sizeMax(field: string | undefined, steps: readonly string[]): number | undefined {
  if (field === 'driver') return domainCharactersMax;
  if (field !== 'attributes' && field !== 'capacity') return undefined;
  const [domain, id] = steps;
  if (domain === undefined) return attributesMax;
  if (domain === '@keys') return domainCharactersMax;
  if (id === undefined) return attributesMax;
  if (id === '@keys') return idCharactersMax;
  return field === 'attributes' ? valueCharactersMax : undefined;
}

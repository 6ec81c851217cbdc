import type { FlowSchema, PriorityLevelConfiguration } from '@fairway/kinds/flowcontrol/v1';
import { type KubernetesObject, annotationsOf, equalsJson } from '@fairway/protocol';
import { mandatoryNames, switchAnnotation } from './default-flow-control.ts';

type FlowControlObject = FlowSchema | PriorityLevelConfiguration;

/**
 * What a stored one of the usual flow schemas and priority levels becomes; undefined: it stays as it is.
 * Those without which the server cannot sort requests get their spec back in any case. The others do
 * where their annotation `apf.kubernetes.io/autoupdate-spec` is `true`, or is absent and nobody has
 * changed the spec.
 *
 * Source: Kubernetes API Priority and Fairness, "Maintenance of the mandatory and suggested configuration
 * objects".
 */
export function reconcileFlowControl(
  expected: FlowControlObject,
  stored: KubernetesObject,
): KubernetesObject | undefined {
  const isMandatory = mandatoryNames.has(expected.metadata?.name ?? '');
  if (!isMandatory && !mayUpdate(stored)) return undefined;
  const held = stored as FlowControlObject;
  const spec = isMandatory && !mayUpdate(stored) ? essentialSpec(expected, held) : expected.spec;
  if (equalsJson(spec, held.spec)) return undefined;
  const { resourceVersion: _, ...metadata } = stored.metadata ?? {};
  return { ...stored, metadata, spec } as KubernetesObject;
}

function mayUpdate(stored: KubernetesObject): boolean {
  const wish = annotationsOf(stored)[switchAnnotation];
  return wish === undefined ? stored.metadata?.generation === 1 : wish === 'true';
}

/** How much the exempt level lends is for users to say. */
function essentialSpec({ spec }: FlowControlObject, stored: FlowControlObject): unknown {
  if (spec === undefined || !('exempt' in spec)) return spec;
  const { exempt = spec.exempt } = (stored as PriorityLevelConfiguration).spec ?? {};
  return { ...spec, exempt };
}

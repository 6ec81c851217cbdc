import type { AdmissionStep } from './admission-step.ts';
import type { ClusterReader } from './cluster-reader.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';

/** The admission of this server, in the order in which it is asked. */
export function admissionSteps(cluster: ClusterReader): readonly AdmissionStep[] {
  return [namespaceLifecycle(cluster)];
}

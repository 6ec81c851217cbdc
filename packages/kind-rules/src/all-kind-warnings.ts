import type { RuntimeClass } from '@fairway/kinds/node/v1';
import type { ServiceAccount } from '@fairway/kinds/core/v1';

import type { KindRules } from './kind-rules.ts';
import {
  endpointSliceWarnings,
  endpointsWarnings,
  ingressWarnings,
  networkPolicyWarnings,
  serviceWarnings,
} from './warnings/networking.ts';
import { nodeLabelDeprecation } from './warnings/node-labels.ts';
import { nodeWarnings } from './warnings/nodes.ts';
import { secretWarnings } from './warnings/secrets.ts';
import { loadBalancerStatusWarnings, podStatusWarnings } from './warnings/statuses.ts';
import {
  annotationWarnings,
  persistentVolumeClaimWarnings,
  persistentVolumeWarnings,
  storageCapacityWarnings,
  storageClassWarnings,
} from './warnings/storage.ts';
import {
  cronJobWarnings,
  jobWarnings,
  newPodWarnings,
  podTemplateWarnings,
  templateWarnings,
  workloadWarnings,
} from './warnings/workloads.ts';

type KindWarnings = (object: never, stored?: never) => Iterable<string>;

/** What callers are warned of, by `group/plural`. To add a kind, add a line. */
const kindWarnings: ReadonlyMap<string, KindWarnings> = new Map<string, KindWarnings>(
  Object.entries({
    '/endpoints': endpointsWarnings,
    '/nodes': nodeWarnings,
    '/persistentvolumeclaims': persistentVolumeClaimWarnings,
    '/persistentvolumes': persistentVolumeWarnings,
    '/pods': newPodWarnings,
    '/podtemplates': podTemplateWarnings,
    '/replicationcontrollers': workloadWarnings,
    '/secrets': secretWarnings,
    '/serviceaccounts': serviceAccountWarnings,
    '/services': serviceWarnings,
    'apps/daemonsets': templateWarnings,
    'apps/deployments': workloadWarnings,
    'apps/replicasets': workloadWarnings,
    'apps/statefulsets': workloadWarnings,
    'batch/cronjobs': cronJobWarnings,
    'batch/jobs': jobWarnings,
    'discovery.k8s.io/endpointslices': endpointSliceWarnings,
    'networking.k8s.io/ingresses': ingressWarnings,
    'networking.k8s.io/networkpolicies': networkPolicyWarnings,
    'node.k8s.io/runtimeclasses': runtimeClassWarnings,
    'storage.k8s.io/csistoragecapacities': storageCapacityWarnings,
    'storage.k8s.io/storageclasses': storageClassWarnings,
  }),
);

/** The same for writes of `/status`. */
const statusWarnings: ReadonlyMap<string, KindWarnings> = new Map<string, KindWarnings>(
  Object.entries({
    '/pods': podStatusWarnings,
    '/services': loadBalancerStatusWarnings,
    'networking.k8s.io/ingresses': loadBalancerStatusWarnings,
  }),
);

/** The warnings of a kind, which its place in the table promises to be about. */
export function warningsOf(name: string): Pick<KindRules, 'warnings' | 'statusWarnings'> {
  const [warnings, ofStatus] = [kindWarnings.get(name), statusWarnings.get(name)];
  return {
    ...(warnings && { warnings: warnings as KindRules['warnings'] & object }),
    ...(ofStatus && { statusWarnings: ofStatus as KindRules['statusWarnings'] & object }),
  };
}

function* serviceAccountWarnings(account: ServiceAccount): Iterable<string> {
  yield* annotationWarnings(account, {
    'kubernetes.io/enforce-mountable-secrets':
      'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
  });
}

function* runtimeClassWarnings({ scheduling }: RuntimeClass): Iterable<string> {
  for (const label of Object.keys(scheduling?.nodeSelector ?? {})) {
    const why = nodeLabelDeprecation(label);
    if (why !== undefined) yield `scheduling.nodeSelector: ${why}`;
  }
}

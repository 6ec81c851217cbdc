import type { GroupVersion } from '@fairway/protocol';

/** What decides about the order of discovery: the higher one comes first. */
export interface ApiPriority {
  /** Of a group among all groups: the highest that one of its versions has. */
  readonly group: number;
  /** Of a version in its group. */
  readonly version: number;
}

/** The API of APIServices has none itself. */
const aggregation: ApiPriority = { group: Number.POSITIVE_INFINITY, version: 1 };

/** Source: kube-apiserver, apiVersionPriorities. */
const builtIn: ReadonlyMap<string, ApiPriority> = new Map(
  Object.entries({
    '/v1': { group: 18_000, version: 1 },
    'apps/v1': { group: 17_800, version: 15 },
    'events.k8s.io/v1': { group: 17_750, version: 15 },
    'authentication.k8s.io/v1': { group: 17_700, version: 15 },
    'authorization.k8s.io/v1': { group: 17_600, version: 15 },
    'autoscaling/v2': { group: 17_500, version: 30 },
    'autoscaling/v1': { group: 17_500, version: 15 },
    'batch/v1': { group: 17_400, version: 15 },
    'certificates.k8s.io/v1': { group: 17_300, version: 15 },
    'networking.k8s.io/v1': { group: 17_200, version: 15 },
    'policy/v1': { group: 17_100, version: 15 },
    'rbac.authorization.k8s.io/v1': { group: 17_000, version: 15 },
    'storage.k8s.io/v1': { group: 16_800, version: 15 },
    'admissionregistration.k8s.io/v1': { group: 16_700, version: 15 },
    'apiextensions.k8s.io/v1': { group: 16_700, version: 15 },
    'scheduling.k8s.io/v1': { group: 16_600, version: 15 },
    'coordination.k8s.io/v1': { group: 16_500, version: 15 },
    'node.k8s.io/v1': { group: 16_300, version: 15 },
    'discovery.k8s.io/v1': { group: 16_200, version: 15 },
    'resource.k8s.io/v1': { group: 16_200, version: 20 },
    'flowcontrol.apiserver.k8s.io/v1': { group: 16_100, version: 21 },
    'apiregistration.k8s.io/v1': aggregation,
  }),
);

/** Source: kube-apiserver, crdRegistrationController. */
const ofDefinitions: ApiPriority = { group: 1_000, version: 100 };

/** The priority of what this server serves itself. */
export function usualPriority({ group, version }: GroupVersion): ApiPriority {
  return builtIn.get(`${group}/${version}`) ?? ofDefinitions;
}

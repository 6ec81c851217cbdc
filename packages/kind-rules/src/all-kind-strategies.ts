/**
 * How the API writes objects of one kind, whatever is in them: the questions that each kind answers
 * its own way, side by side.
 */
export interface KindStrategy {
  /** PUT on a name that does not exist creates it. */
  readonly createsOnUpdate: boolean;
  /** PUT without a resourceVersion is refused. Others take it as "whatever is there". */
  readonly needsVersion: boolean;
  /** Whether `metadata.generation` counts the desired states of an object, or only their changes; undefined: neither. */
  readonly generationCounts: 'states' | 'changes' | undefined;
  /**
   * What a write of a view (`status`, …; `''` is the object itself) cannot set, and nobody owns for
   * having sent it. Absent: as usual, on the object the status, on the status the spec.
   */
  readonly resetFields: Readonly<Record<string, readonly string[]>>;
}

/** `create`: on update. `version`: needs one. `generation`: counts states. `changes`: it counts them. */
type Word = 'create' | 'version' | 'generation' | 'changes';

type Row = readonly [
  words: '' | Word | `${Word} ${Word}`,
  resetFields?: KindStrategy['resetFields'],
];

/** Source: the API reference; `AllowCreateOnUpdate` and its like in kube-apiserver 1.36. */
const rows: Readonly<Record<string, Row>> = {
  '/bindings': [''],
  '/componentstatuses': [''],
  '/configmaps': [''],
  '/endpoints': ['create'],
  '/events': ['create'],
  '/limitranges': ['create'],
  '/namespaces': [''],
  '/nodes': [''],
  '/persistentvolumeclaims': [''],
  '/persistentvolumes': [''],
  '/pods': [
    'generation',
    {
      status: ['spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'],
      ephemeralcontainers: ['metadata', 'status'],
      resize: ['metadata', 'status'],
    },
  ],
  '/podtemplates': ['generation'],
  '/replicationcontrollers': ['generation'],
  '/resourcequotas': [''],
  '/secrets': [''],
  '/serviceaccounts': [''],
  '/services': ['create'],
  'admissionregistration.k8s.io/mutatingadmissionpolicies': ['version generation'],
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': ['version generation'],
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': ['version generation'],
  'admissionregistration.k8s.io/validatingadmissionpolicies': ['version generation'],
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': ['version generation'],
  'admissionregistration.k8s.io/validatingwebhookconfigurations': ['version generation'],
  'apiextensions.k8s.io/customresourcedefinitions': [
    'version generation',
    { status: ['spec', 'metadata'] },
  ],
  'apiregistration.k8s.io/apiservices': ['version'],
  'apps/controllerrevisions': [''],
  'apps/daemonsets': ['generation'],
  'apps/deployments': ['generation', { status: ['spec', 'metadata.labels'] }],
  'apps/replicasets': ['generation'],
  'apps/statefulsets': ['generation'],
  'authentication.k8s.io/selfsubjectreviews': [''],
  'authentication.k8s.io/tokenreviews': [''],
  'authorization.k8s.io/localsubjectaccessreviews': [''],
  'authorization.k8s.io/selfsubjectaccessreviews': [''],
  'authorization.k8s.io/selfsubjectrulesreviews': [''],
  'authorization.k8s.io/subjectaccessreviews': [''],
  'autoscaling/horizontalpodautoscalers': [''],
  'batch/cronjobs': ['generation'],
  'batch/jobs': ['generation'],
  'certificates.k8s.io/certificatesigningrequests': [
    '',
    {
      status: ['spec', 'status.conditions'],
      approval: ['spec', 'status.certificate'],
    },
  ],
  'coordination.k8s.io/leases': ['create version'],
  'discovery.k8s.io/endpointslices': ['generation'],
  'events.k8s.io/events': ['create'],
  'flowcontrol.apiserver.k8s.io/flowschemas': ['generation'],
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': ['generation'],
  'networking.k8s.io/ingressclasses': ['generation'],
  'networking.k8s.io/ingresses': ['generation'],
  'networking.k8s.io/ipaddresses': [''],
  'networking.k8s.io/networkpolicies': ['generation'],
  'networking.k8s.io/servicecidrs': [''],
  'node.k8s.io/runtimeclasses': ['create version'],
  'policy/poddisruptionbudgets': ['version generation'],
  'rbac.authorization.k8s.io/clusterrolebindings': ['create'],
  'rbac.authorization.k8s.io/clusterroles': ['create'],
  'rbac.authorization.k8s.io/rolebindings': ['create'],
  'rbac.authorization.k8s.io/roles': ['create'],
  'resource.k8s.io/deviceclasses': ['generation'],
  'resource.k8s.io/resourceclaims': [''],
  'resource.k8s.io/resourceclaimtemplates': [''],
  'resource.k8s.io/resourceslices': ['generation'],
  'scheduling.k8s.io/priorityclasses': ['generation'],
  'storage.k8s.io/csidrivers': ['version changes'],
  'storage.k8s.io/csinodes': ['version'],
  'storage.k8s.io/csistoragecapacities': ['version'],
  'storage.k8s.io/storageclasses': [''],
  'storage.k8s.io/volumeattachments': ['version'],
  'storage.k8s.io/volumeattributesclasses': [''],
};

function countedIn(words: string): KindStrategy['generationCounts'] {
  if (words.includes('generation')) return 'states';
  return words.includes('changes') ? 'changes' : undefined;
}

/** By `group/plural`; the core group's name is empty. To add a kind, add a row. */
export const allKindStrategies: ReadonlyMap<string, KindStrategy> = new Map(
  Object.entries(rows).map(([name, [words, resetFields = {}]]) => [
    name,
    {
      createsOnUpdate: words.includes('create'),
      needsVersion: words.includes('version'),
      generationCounts: countedIn(words),
      resetFields,
    },
  ]),
);

/** Whatever a definition says: the objects of all of them are written alike. */
export const customResourceStrategy: KindStrategy = {
  createsOnUpdate: false,
  needsVersion: true,
  generationCounts: 'states',
  resetFields: { status: ['spec', 'metadata'] },
};

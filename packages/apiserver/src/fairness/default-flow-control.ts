import type {
  FlowSchema,
  FlowSchemaSpec,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  ResourcePolicyRule,
  Subject,
} from '@fairway/kinds/flowcontrol/v1';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';

/** Says `true` where the server may bring the spec up to date, and `false` where it must not. */
export const switchAnnotation = 'apf.kubernetes.io/autoupdate-spec';

/** Without these some request would belong nowhere: whatever becomes of them, they are made again. */
export const mandatoryNames: ReadonlySet<string> = new Set(['exempt', 'catch-all']);

const wholeServer: readonly Subject[] = [
  inGroup('system:unauthenticated'),
  inGroup('system:authenticated'),
];

/**
 * The flow schemas that every cluster starts with.
 * Source: what a kube-apiserver 1.36 has created after its first start.
 */
export const defaultFlowSchemas: readonly FlowSchema[] = [
  everythingOf('exempt', { precedence: 1, level: 'exempt', subjects: [inGroup('system:masters')] }),
  flowSchema('probes', {
    matchingPrecedence: 2,
    priorityLevelConfiguration: { name: 'exempt' },
    rules: [
      {
        subjects: wholeServer,
        nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
      },
    ],
  }),
  flowSchema('system-leader-election', {
    matchingPrecedence: 100,
    priorityLevelConfiguration: { name: 'leader-election' },
    distinguisherMethod: { type: 'ByUser' },
    rules: [
      {
        subjects: [
          named('system:kube-controller-manager'),
          named('system:kube-scheduler'),
          accountsOf('kube-system'),
        ],
        resourceRules: [leases(['get', 'create', 'update'])],
      },
    ],
  }),
  flowSchema('system-node-high', {
    matchingPrecedence: 400,
    priorityLevelConfiguration: { name: 'node-high' },
    distinguisherMethod: { type: 'ByUser' },
    rules: [
      {
        subjects: [inGroup('system:nodes')],
        resourceRules: [
          {
            verbs: ['*'],
            apiGroups: [''],
            resources: ['nodes', 'nodes/status'],
            clusterScope: true,
            namespaces: ['*'],
          },
          leases(['*']),
        ],
      },
    ],
  }),
  everythingOf('system-nodes', {
    precedence: 500,
    level: 'system',
    by: 'ByUser',
    subjects: [inGroup('system:nodes')],
  }),
  ...['kube-controller-manager', 'kube-scheduler'].map((name) =>
    everythingOf(name, {
      precedence: 800,
      level: 'workload-high',
      by: 'ByNamespace',
      subjects: [named(`system:${name}`)],
    }),
  ),
  everythingOf('kube-system-service-accounts', {
    precedence: 900,
    level: 'workload-high',
    by: 'ByNamespace',
    subjects: [accountsOf('kube-system')],
  }),
  everythingOf('service-accounts', {
    precedence: 9_000,
    level: 'workload-low',
    by: 'ByUser',
    subjects: [inGroup('system:serviceaccounts')],
  }),
  everythingOf('global-default', {
    precedence: 9_900,
    level: 'global-default',
    by: 'ByUser',
    subjects: wholeServer,
  }),
  everythingOf('catch-all', {
    precedence: 10_000,
    level: 'catch-all',
    by: 'ByUser',
    subjects: wholeServer,
  }),
];

/** The priority levels that these lead to. */
export const defaultPriorityLevels: readonly PriorityLevelConfiguration[] = [
  priorityLevel('exempt', {
    type: 'Exempt',
    exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 },
  }),
  priorityLevel('catch-all', {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: 5,
      lendablePercent: 0,
      limitResponse: { type: 'Reject' },
    },
  }),
  queued('leader-election', { shares: 10, lendablePercent: 0, queues: 16, handSize: 4 }),
  queued('node-high', { shares: 40, lendablePercent: 25, queues: 64, handSize: 6 }),
  queued('system', { shares: 30, lendablePercent: 33, queues: 64, handSize: 6 }),
  queued('workload-high', { shares: 40, lendablePercent: 50, queues: 128, handSize: 6 }),
  queued('workload-low', { shares: 100, lendablePercent: 90, queues: 128, handSize: 6 }),
  queued('global-default', { shares: 20, lendablePercent: 50, queues: 128, handSize: 6 }),
];

function everythingOf(
  name: string,
  {
    precedence,
    level,
    by,
    subjects,
  }: {
    readonly precedence: number;
    readonly level: string;
    readonly by?: 'ByUser' | 'ByNamespace';
    readonly subjects: readonly Subject[];
  },
): FlowSchema {
  const resourceRule: ResourcePolicyRule = {
    verbs: ['*'],
    apiGroups: ['*'],
    resources: ['*'],
    clusterScope: true,
    namespaces: ['*'],
  };
  return flowSchema(name, {
    matchingPrecedence: precedence,
    priorityLevelConfiguration: { name: level },
    ...(by === undefined ? {} : { distinguisherMethod: { type: by } }),
    rules: [
      {
        subjects,
        resourceRules: [resourceRule],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      },
    ],
  });
}

function leases(verbs: readonly string[]): ResourcePolicyRule {
  return { verbs, apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] };
}

function queued(
  name: string,
  {
    shares,
    lendablePercent,
    queues,
    handSize,
  }: {
    readonly shares: number;
    readonly lendablePercent: number;
    readonly queues: number;
    readonly handSize: number;
  },
): PriorityLevelConfiguration {
  const queuing = { queues, handSize, queueLengthLimit: 50 };
  return priorityLevel(name, {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: shares,
      lendablePercent,
      limitResponse: { type: 'Queue', queuing },
    },
  });
}

function flowSchema(name: string, spec: FlowSchemaSpec): FlowSchema {
  return { apiVersion, kind: 'FlowSchema', metadata: metadataOf(name), spec };
}

function priorityLevel(
  name: string,
  spec: PriorityLevelConfigurationSpec,
): PriorityLevelConfiguration {
  return { apiVersion, kind: 'PriorityLevelConfiguration', metadata: metadataOf(name), spec };
}

function metadataOf(name: string) {
  return { name, annotations: { [switchAnnotation]: 'true' } };
}

function inGroup(name: string): Subject {
  return { kind: 'Group', group: { name } };
}

function named(name: string): Subject {
  return { kind: 'User', user: { name } };
}

function accountsOf(namespace: string): Subject {
  return { kind: 'ServiceAccount', serviceAccount: { namespace, name: '*' } };
}

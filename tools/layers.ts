/**
 * The one table of packages, their layers and their arrows.
 *
 * An arrow points to a strictly lower layer. `tools/check-layers.ts` holds every import specifier
 * and every `package.json` against it; nothing else decides who may use whom.
 */
export interface Layer {
  readonly layer: number;
  readonly mayImport: readonly string[];
  /** Libraries from npm, each with its line in `docs/dependencies.md`. */
  readonly libraries: readonly string[];
}

export const layers: Readonly<Record<string, Layer>> = {
  host: { layer: 0, mayImport: [], libraries: [] },
  protocol: { layer: 0, mayImport: [], libraries: [] },
  kinds: { layer: 1, mayImport: ['protocol'], libraries: [] },
  cel: { layer: 1, mayImport: ['protocol'], libraries: ['@bufbuild/re2'] },
  client: { layer: 1, mayImport: ['protocol', 'host'], libraries: ['yaml'] },
  store: { layer: 1, mayImport: ['host'], libraries: [] },
  certificates: {
    layer: 1,
    mayImport: ['host'],
    libraries: ['@peculiar/x509', 'reflect-metadata'],
  },
  serving: { layer: 1, mayImport: ['protocol', 'host'], libraries: [] },
  access: { layer: 2, mayImport: ['cel', 'certificates', 'protocol', 'host'], libraries: ['jose'] },
  schema: { layer: 2, mayImport: ['cel', 'kinds', 'protocol'], libraries: [] },
  'kind-rules': {
    layer: 2,
    mayImport: ['cel', 'kinds', 'certificates', 'protocol', 'host'],
    libraries: [],
  },
  reconcile: { layer: 2, mayImport: ['client', 'protocol', 'host'], libraries: [] },
  apiserver: {
    layer: 3,
    mayImport: [
      'access',
      'schema',
      'kind-rules',
      'certificates',
      'serving',
      'store',
      'kinds',
      'protocol',
      'host',
    ],
    libraries: ['htmlparser2', 'yaml'],
  },
  proxy: {
    layer: 3,
    mayImport: ['access', 'serving', 'client', 'protocol', 'host'],
    libraries: [],
  },
  controllers: {
    layer: 3,
    mayImport: ['reconcile', 'kind-rules', 'client', 'kinds', 'certificates', 'protocol', 'host'],
    libraries: [],
  },
  'node-agent': {
    layer: 3,
    mayImport: [
      'access',
      'reconcile',
      'kind-rules',
      'client',
      'kinds',
      'certificates',
      'serving',
      'protocol',
      'host',
    ],
    libraries: [],
  },
  'metrics-server': {
    layer: 3,
    mayImport: ['client', 'kinds', 'protocol', 'host'],
    libraries: [],
  },
  network: {
    layer: 3,
    mayImport: ['reconcile', 'kind-rules', 'client', 'serving', 'kinds', 'protocol', 'host'],
    libraries: ['dns-packet'],
  },
  scheduler: {
    layer: 3,
    mayImport: ['kind-rules', 'reconcile', 'client', 'kinds', 'protocol', 'host'],
    libraries: [],
  },
  cli: {
    layer: 4,
    mayImport: [
      'host',
      'protocol',
      'kinds',
      'kind-rules',
      'client',
      'store',
      'certificates',
      'serving',
      'access',
      'reconcile',
      'apiserver',
      'proxy',
      'controllers',
      'network',
      'scheduler',
      'metrics-server',
      'node-agent',
    ],
    libraries: ['commander', 'yaml'],
  },
};

/**
 * The folders of a package stand in layers too, lowest first: an arrow between two of them points to
 * a lower one. Files beside them at the package's root put them together or hold what all need.
 */
export const folderLayers: Readonly<Record<string, readonly (readonly string[])[]>> = {
  access: [
    ['webhooks'],
    ['authentication', 'authorization'],
    ['impersonation', 'open-id', 'reviews', 'service-accounts'],
  ],
  apiserver: [
    ['storage'],
    ['registry'],
    ['calls'],
    ['reads'],
    ['content', 'admission'],
    ['allocators', 'discovery', 'ownership'],
    ['objects', 'custom-resources', 'bootstrap'],
    ['openapi', 'verbs'],
    ['subresources', 'connections'],
    ['proxying'],
  ],
  cel: [
    ['patterns'],
    ['values'],
    ['macros'],
    ['syntax'],
    ['check'],
    ['libraries', 'cost'],
    ['compile'],
    ['contexts'],
  ],
  cli: [
    ['output', 'typegen', 'cluster-access', 'local-node', 'server-flags'],
    ['cluster'],
    ['connection'],
    ['access', 'envtest', 'get', 'joining', 'run'],
    ['commands'],
    ['registration'],
  ],
  client: [
    ['kubeconfig'],
    ['credentials'],
    ['target', 'transport'],
    ['resource', 'testing'],
    ['reflect', 'streams'],
  ],
  controllers: [
    ['caches'],
    ['owned-objects'],
    ['pods', 'service-pods', 'volumes'],
    ['revisions'],
    [
      'autoscaling',
      'certificate-requests',
      'bootstrap-tokens',
      'cluster-roles',
      'daemon-sets',
      'deployments',
      'endpoint-slices',
      'endpoints',
      'disruption-budgets',
      'garbage',
      'jobs',
      'legacy-tokens',
      'load-balancers',
      'local-path',
      'namespaces',
      'node-ipam',
      'node-lifecycle',
      'node-ttl',
      'pod-garbage',
      'replica-sets',
      'resource-quotas',
      'root-ca',
      'service-accounts',
      'stateful-sets',
      'storage-protection',
      'taint-eviction',
    ],
    ['cron-jobs', 'endpoint-mirroring', 'finished-jobs'],
  ],
  'kind-rules': [
    ['cron', 'expressions', 'metadata', 'nodes', 'pods', 'versions', 'volumes', 'warnings'],
    ['rules', 'tables'],
  ],
  kinds: [['generated']],
  'node-agent': [
    ['grpc', 'joining', 'oci', 'pod-lifecycle', 'runtime', 'service-account'],
    ['sources'],
    ['node', 'static-pods'],
    [
      'cgroups',
      'container-logs',
      'cri',
      'environment',
      'images',
      'probes',
      'processes',
      'simulated',
    ],
    ['volumes'],
    ['container-config', 'containerd', 'kubelet-api'],
    ['eviction'],
    ['pod-worker', 'testing'],
    ['agent'],
  ],
  network: [
    ['health-checks', 'ingress', 'names', 'nftables', 'pod-routes'],
    ['policies', 'service-rules'],
  ],
  protocol: [['spdy', 'strategic-merge', 'websocket'], ['pod-streams']],
  reconcile: [['cache', 'events', 'leader-election', 'queue'], ['component']],
  scheduler: [['snapshot'], ['queue', 'plugins'], ['cycle'], ['preemption'], ['binding', 'follow']],
  schema: [['conform', 'fields', 'formats'], ['structural'], ['rules']],
  serving: [['filters']],
  store: [['conformance']],
};

/** A pod as a deployment makes one and a kubelet reports it: about 4 KB of JSON. */
export function makePod(index: number): object {
  const set = `web-${Math.floor(index / 20)}`;
  const name = `${set}-${hash(index, 10)}-${hash(index + 7, 5)}`;
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: metadataOf({ index, set, name }),
    spec: specOf(index, set),
    status: statusOf(index, set),
  };
}

const labelsOf = (set: string): Record<string, string> => ({
  'app.kubernetes.io/name': set,
  'app.kubernetes.io/part-of': 'shop',
  'app.kubernetes.io/managed-by': 'Helm',
  'pod-template-hash': hash(set.length, 10),
});

function metadataOf(pod: { index: number; set: string; name: string }): object {
  const { index, set, name } = pod;
  const entry = (manager: string, fields: object, subresource?: string): object => ({
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: timeOf(index),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(subresource === undefined ? {} : { subresource }),
  });
  return {
    name,
    generateName: `${set}-`,
    namespace: `team-${index % 40}`,
    uid: uuidOf(index),
    resourceVersion: String(100_000 + index),
    creationTimestamp: timeOf(index),
    labels: labelsOf(set),
    annotations: {
      'checksum/config': hash(index, 64),
      'checksum/secret': hash(index + 3, 64),
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '8080',
      'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true',
    },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: set,
        uid: uuidOf(1_000_000 + Math.floor(index / 20)),
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
    managedFields: [
      entry('kube-controller-manager', managedSpec),
      entry('kubelet', managedStatus, 'status'),
    ],
  };
}

const owned = (...names: string[]): object =>
  Object.fromEntries(names.map((name) => [`f:${name}`, {}]));

const managedSpec = {
  'f:metadata': { ...owned('generateName'), 'f:labels': owned('app.kubernetes.io/name') },
  'f:spec': {
    'f:containers': {
      'k:{"name":"app"}': owned('image', 'name', 'ports', 'resources', 'env', 'readinessProbe'),
    },
    ...owned('dnsPolicy', 'restartPolicy', 'schedulerName', 'terminationGracePeriodSeconds'),
  },
};

const managedStatus = {
  'f:status': {
    'f:conditions': {
      'k:{"type":"Ready"}': owned('type', 'status', 'lastProbeTime', 'lastTransitionTime'),
      'k:{"type":"Initialized"}': owned('type', 'status', 'lastProbeTime', 'lastTransitionTime'),
    },
    ...owned('containerStatuses', 'hostIP', 'phase', 'podIP', 'podIPs', 'startTime'),
  },
};

function specOf(index: number, set: string): object {
  const volume = { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/token' };
  return {
    volumes: [
      {
        name: volume.name,
        projected: { defaultMode: 420, sources: [{ configMap: { name: 'ca' } }] },
      },
    ],
    containers: [
      {
        name: 'app',
        image: `registry.example.com/shop/${set}:1.42.${index % 9}`,
        ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
        env: [
          { name: 'DATABASE_URL', value: `postgres://db.team-${index % 40}.svc:5432/shop` },
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
        resources: {
          requests: { cpu: '100m', memory: '128Mi' },
          limits: { cpu: '1', memory: '512Mi' },
        },
        volumeMounts: [{ ...volume, readOnly: true }],
        readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10 },
        terminationMessagePath: '/dev/termination-log',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    nodeName: `node-${index % 200}.example.com`,
    schedulerName: 'default-scheduler',
    tolerations: ['not-ready', 'unreachable'].map((taint) => ({
      key: `node.kubernetes.io/${taint}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
  };
}

function statusOf(index: number, set: string): object {
  const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'PodScheduled'];
  const podIP = `10.${index % 200}.${Math.floor(index / 200) % 250}.${index % 250}`;
  return {
    phase: 'Running',
    conditions: conditions.map((type) => ({
      type,
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: timeOf(index),
    })),
    hostIP: `192.168.0.${index % 200}`,
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: timeOf(index),
    containerStatuses: [
      {
        name: 'app',
        state: { running: { startedAt: timeOf(index) } },
        ready: true,
        restartCount: 0,
        image: `registry.example.com/shop/${set}:1.42.${index % 9}`,
        imageID: `registry.example.com/shop/${set}@sha256:${hash(index % 9, 64)}`,
        containerID: `containerd://${hash(index, 64)}`,
        started: true,
      },
    ],
    qosClass: 'Burstable',
  };
}

/** Letters and digits that are always the same for a seed. */
function hash(seed: number, length: number): string {
  let state = (seed + 1) * 2_654_435_761;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    text += state.toString(16).padStart(8, '0');
  }
  return text.slice(0, length);
}

function uuidOf(seed: number): string {
  const text = hash(seed, 32);
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    text.slice(12, 16),
    text.slice(16, 20),
    text.slice(20),
  ].join('-');
}

function timeOf(seed: number): string {
  return new Date(1_790_000_000_000 + seed * 977_000).toISOString().replace(/\.\d+Z$/, 'Z');
}

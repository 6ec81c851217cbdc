/** A pod as a deployment makes it, filled up to 3.7 KB of JSON. */
export function podJson(name: string): string {
  const container = {
    name: 'web',
    image: 'registry.example.com/shop/web:1.42.0',
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: Array.from({ length: 12 }, (_, at) => ({
      name: `SETTING_${at}`,
      value: `value-${at}-of-web-in-${name}`,
    })),
    resources: {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { cpu: '500m', memory: '256Mi' },
    },
    volumeMounts: [{ name: 'config', mountPath: '/etc/shop' }],
    livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10 },
    readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
  };
  const pod = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      labels: { app: 'shop', tier: 'web', 'pod-template-hash': '7d4b9c6f58' },
      annotations: { 'example.com/note': '' },
    },
    spec: {
      containers: [container],
      volumes: [{ name: 'config', configMap: { name: 'shop' } }],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
    },
  };
  pod.metadata.annotations['example.com/note'] = filler(3_700 - JSON.stringify(pod).length);
  return JSON.stringify(pod);
}

/** A secret of 4 KB. */
export function secretJson(name: string, version: number): string {
  return JSON.stringify({
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name },
    data: { version: btoa(String(version)), text: btoa(filler(2_850)) },
  });
}

/** Text that does not compress to nothing. */
function filler(length: number): string {
  let text = '';
  for (let at = 0; text.length < length; at++) text += (at * 2_654_435_761).toString(36);
  return text.slice(0, Math.max(0, length));
}

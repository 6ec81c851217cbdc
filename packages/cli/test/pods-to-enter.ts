import type { Client } from '@fairway/client';
import { Deployment } from '@fairway/kinds/apps/v1';
import { type Container, Pod, Service, ServiceAccount } from '@fairway/kinds/core/v1';

const image = 'host';
const stay = 'exec sleep 100000';

function container(name: string, script: string): Container {
  return { name, image, command: ['sh', '-c', script] };
}

/** A pod of processes, with what it has beside its containers. */
function pod(name: string, metadata: object, spec: object): object {
  return { metadata: { name, ...metadata }, spec: { terminationGracePeriodSeconds: 0, ...spec } };
}

const readinessProbe = { httpGet: { port: 8080 }, periodSeconds: 1 };

const serve =
  'echo one; echo two >&2; mkdir /www; echo served >/www/index.html; exec busybox httpd -f -h /www -p 8080';

/** A pod on its own that serves a page. */
export function serving(name: string): Pod {
  const app = { ...container('app', serve), ports: [{ name: 'http', containerPort: 8080 }] };
  return pod(name, {}, { containers: [{ ...app, readinessProbe }] }) as Pod;
}

/** `web` with three containers, `solo`, `marked`, `shell`, `ticks`, `done`, a deployment `twins` and services, all of them running. */
export async function createPodsToEnter(admin: Client): Promise<void> {
  await admin.waitFor(ServiceAccount, 'default', (found) => found !== undefined);
  const app = { labels: { app: 'web' } };
  const pods = [
    pod('web', app, {
      initContainers: [container('prep', 'echo prepared')],
      containers: [
        { ...container('app', serve), ports: [{ name: 'http', containerPort: 8080 }] },
        container('side', `echo beside; ${stay}`),
      ],
    }),
    pod('solo', app, { containers: [container('app', `seq 1 20; ${stay}`)] }),
    pod(
      'marked',
      { annotations: { 'kubectl.kubernetes.io/default-container': 'second' } },
      { containers: [container('first', stay), container('second', `echo second; ${stay}`)] },
    ),
    pod(
      'shell',
      {},
      { containers: [{ name: 'app', image, command: ['bash', '--norc'], stdin: true, tty: true }] },
    ),
    pod('ticks', {}, { containers: [container('app', 'while :; do echo tick; sleep 0.2; done')] }),
    pod('done', {}, { restartPolicy: 'Never', containers: [container('app', 'printf unended')] }),
  ];
  for (const each of pods) await admin.create(Pod, each as Pod);
  const labels = { app: 'twins' };
  await admin.create(Deployment, {
    metadata: { name: 'twins' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ ...container('app', `echo twin; ${serve}`), readinessProbe }],
        },
      },
    },
  });
  await admin.create(Service, {
    metadata: { name: 'twins' },
    spec: { selector: labels, ports: [{ name: 'main', port: 80, targetPort: 8080 }] },
  });
  for (const name of ['web', 'solo', 'marked', 'shell', 'ticks']) {
    await admin.waitFor(Pod, name, { condition: 'Ready' });
  }
  await admin.waitFor(Pod, 'done', ({ status }) => status?.phase === 'Succeeded');
  await admin.waitFor(Deployment, 'twins', ({ status }) => status?.readyReplicas === 2);
}

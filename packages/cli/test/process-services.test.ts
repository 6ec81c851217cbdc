import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { connect } from '@fairway/client/connect';
import { Pod, Service, ServiceAccount } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { skipWithoutNamespaces, until } from '@fairway/node-agent/testing';
import { commandLine, scratchFolder } from './command-line.ts';

const image = 'host';

/** Debian's, which has the client of Kubernetes. */
const python = '/usr/bin/python3';

/** Why a test is skipped that needs a program; in CI it is there. */
async function without(
  file: string,
  words: readonly string[] = ['--version'],
): Promise<string | false> {
  const found = await promisify(execFile)(file, [...words]).then(
    () => true,
    () => false,
  );
  return !found && process.env['CI'] === undefined && `no ${[file, ...words].join(' ')}`;
}

const forwarding = `
import sys
from kubernetes import client, config
from kubernetes.stream import portforward
config.load_kube_config(sys.argv[1])
api = client.CoreV1Api()
forwarded = portforward(api.connect_get_namespaced_pod_portforward, "web", "default", ports="8080,9")
http = forwarded.socket(8080)
http.setblocking(True)
http.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
answer = b""
while True:
    part = http.recv(4096)
    if not part: break
    answer += part
print(answer.decode().splitlines()[-1], forwarded.error(9))
`;

test(
  'services of pods that are processes have addresses, names and node ports',
  { skip: await skipWithoutNamespaces() },
  async (t) => {
    await using folder = await scratchFolder();
    const shell = commandLine(folder.path);
    await using cluster = shell.start('up', '--listen', '127.0.0.1:0', '--node', 'process');
    await cluster.until('Stop it with');
    await using admin = await connect({ kubeconfig: join(folder.path, '.fairway/kubeconfig') });
    await admin.waitFor(ServiceAccount, 'default', (found) => found !== undefined);
    const serve =
      'mkdir /www; echo "served" >/www/index.html; exec busybox httpd -f -h /www -p 8080';
    await admin.create(Pod, {
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'app',
            image,
            command: ['sh', '-c', serve],
            readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    });
    const { spec } = await admin.create(Service, {
      metadata: { name: 'web' },
      spec: {
        type: 'NodePort',
        selector: { app: 'web' },
        ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      },
    });
    await admin.create(Service, {
      metadata: { name: 'nobody' },
      spec: { selector: { app: 'nobody' }, ports: [{ port: 80 }] },
    });
    await admin.waitFor(Pod, 'web', { condition: 'Ready' });
    const names = ['web', 'web.default', 'web.default.svc.cluster.local', spec?.clusterIP];
    const script = `
      for name in ${names.join(' ')}; do
        until curl -s http://$name/; do sleep 0.1; done
      done
      curl -s http://nobody/; echo "nobody $?"
      getent hosts nowhere.default.svc.cluster.local; echo "nowhere $?"
      getent hosts web
    `;
    await admin.create(Pod, {
      metadata: { name: 'asks' },
      spec: {
        restartPolicy: 'Never',
        containers: [
          { name: 'app', image, command: ['sh', '-c', `(${script}) >/dev/termination-log`] },
        ],
      },
    });
    const asks = await admin.waitFor(
      Pod,
      'asks',
      (pod) => pod?.status?.containerStatuses?.[0]?.state?.terminated !== undefined,
    );
    const said = asks?.status?.containerStatuses?.[0]?.state?.terminated?.message ?? '';
    // Curl: 7 is "could not connect", in time.
    const found = `${spec?.clusterIP ?? ''} web.default.svc.cluster.local`;
    assert.equal(
      said.replaceAll(/ +/g, ' '),
      `${'served\n'.repeat(4)}nobody 7\nnowhere 2\n${found}\n`,
    );
    const nodePort = `http://127.0.0.1:${spec?.ports?.[0]?.nodePort ?? 0}/`;
    const get = (): Promise<string> =>
      fetch(nodePort).then(
        (answer) => answer.text(),
        (error: Error) => String((error.cause as { readonly code?: string }).code),
      );
    await until('it answers', async () => ((await get()) === 'served\n' ? true : undefined));
    const kubeconfig = join(folder.path, '.fairway/kubeconfig');
    await t.test(
      'python3-kubernetes forwards ports',
      { skip: await without(python, ['-c', 'import kubernetes']) },
      async () => {
        const { stdout } = await promisify(execFile)(python, ['-c', forwarding, kubeconfig]);
        assert.match(stdout, /^served nobody listens on port 9: connection refused$/m);
      },
    );
    await t.test('rules show programs who comes', { skip: await without('nft') }, async () => {
      const answer =
        'import socketserver as s; s.BaseRequestHandler.handle = lambda its: its.request.sendall(its.client_address[0].encode()); s.TCPServer(("", 8080), s.BaseRequestHandler).serve_forever()';
      await admin.create(Pod, {
        metadata: { name: 'tells', labels: { app: 'tells' } },
        spec: { containers: [{ name: 'app', image, command: ['python3', '-c', answer] }] },
      });
      await admin.create(Service, {
        metadata: { name: 'tells' },
        spec: { selector: { app: 'tells' }, ports: [{ port: 80, targetPort: 8080 }] },
      });
      const until =
        'until [ "$(busybox nc -w 5 tells 80 </dev/null)" = "$OWN" ]; do sleep 0.1; done';
      const own = { name: 'OWN', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };
      await admin.create(Pod, {
        metadata: { name: 'comes' },
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'app', image, command: ['sh', '-c', until], env: [own] }],
        },
      });
      await admin.waitFor(Pod, 'comes', ({ status }) => status?.phase === 'Succeeded');
    });
    await admin.delete(Pod, 'web');
    await admin.waitFor(Pod, 'web', { isDeleted: true });
    await until('it refuses', async () => ((await get()) === 'ECONNREFUSED' ? true : undefined));
    const { items: slices } = await admin.list(EndpointSlice, { namespace: 'kube-system' }).all();
    assert.deepEqual(
      slices.flatMap(({ endpoints = [] }) => endpoints.flatMap(({ addresses }) => addresses)),
      ['10.244.0.1'],
    );
  },
);

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '@fairway/client/connect';
import { Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { skipWithoutNamespaces } from '@fairway/node-agent/testing';
import { commandLine, scratchFolder } from './command-line.ts';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const ask = `curl -s --cacert ${account}/ca.crt -H "Authorization: Bearer $(cat ${account}/token)"`;

test(
  'a pod that is a process finds its account, and asks the API by its name',
  { skip: await skipWithoutNamespaces() },
  async () => {
    await using folder = await scratchFolder();
    const shell = commandLine(folder.path);
    const flags = ['--listen', '127.0.0.1:0', '--node', 'process'];
    await using cluster = shell.start('up', ...flags);
    const { out } = await cluster.until('Stop it with');
    assert.match(out, /^ {2}pods {8}run in processes of this machine \(image: host\)/m);
    await using admin = await connect({ kubeconfig: join(folder.path, '.fairway/kubeconfig') });
    await admin.waitFor(ServiceAccount, 'default', (found) => found !== undefined);
    const url = 'https://kubernetes.default.svc/api/v1/namespaces/default/pods';
    const script = `${ask} ${url} >/dev/termination-log; cd ${account} && ! touch token && exit 5`;
    const container = { name: 'app', command: ['sh', '-c', script] };
    const spec = { restartPolicy: 'Never' as const, containers: [{ ...container, image: 'host' }] };
    await admin.create(Pod, { metadata: { name: 'app' }, spec });
    await admin.create(Pod, {
      metadata: { name: 'other' },
      spec: { containers: [{ ...container, image: 'nginx' }] },
    });
    const stateOf = (pod: Pod | undefined) => pod?.status?.containerStatuses?.[0]?.state;
    const ended = stateOf(
      await admin.waitFor(Pod, 'app', (pod) => stateOf(pod)?.terminated !== undefined),
    );
    assert.equal(ended?.terminated?.exitCode, 5);
    assert.match(
      ended.terminated.message ?? '',
      /User \\"system:serviceaccount:default:default\\" cannot list resource \\"pods\\"/,
    );
    const waiting = stateOf(
      await admin.waitFor(Pod, 'other', (pod) => stateOf(pod)?.waiting?.message !== undefined),
    );
    assert.match(waiting?.waiting?.message ?? '', /no images but "host".*install containerd$/);
    // Nobody else reaches the network of the pod.
    const serve = ['python3', '-m', 'http.server', '8080', '--bind', '127.0.0.1'];
    await admin.create(Pod, {
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'app', command: serve, image: 'host' }] },
    });
    await admin.waitFor(Pod, 'web', (pod) => stateOf(pod)?.running !== undefined);
    const get = async (): Promise<string> => {
      const path = '/api/v1/namespaces/default/pods/web:8080/proxy/';
      const flags = ['--kubeconfig', join(folder.path, '.fairway/kubeconfig')];
      const { out: page, err } = await shell.run('get', '--raw', path, ...flags);
      return page + err;
    };
    let page = await get();
    while (page.includes('error trying to reach service')) page = await get();
    assert.match(page, /Directory listing for/);
  },
);

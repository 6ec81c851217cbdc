import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { issueCertificate, makeCertificateAuthority } from '@fairway/certificates';
import { connect } from '@fairway/client/connect';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { APIService } from '@fairway/kinds/apiregistration/v1';
import { ConfigMap, Pod, Secret, Service, ServiceAccount } from '@fairway/kinds/core/v1';
import { RoleBinding } from '@fairway/kinds/rbac/v1';
import { collectBody } from '@fairway/protocol';
import { skipWithoutNamespaces } from '@fairway/node-agent/testing';
import { commandLine, scratchFolder } from './command-line.ts';

const program = await readFile(new URL('extension-pod.mjs', import.meta.url), 'utf8');

/** In PEM. */
interface Certified {
  readonly certificate: string;
  readonly key: string;
  /** Who has certified it. */
  readonly authority: string;
}

async function certify(): Promise<Certified> {
  const made = { clock: systemClock, random: systemRandom };
  const ofTides = { ...made, subject: { commonName: 'tides', organizations: [] } };
  const authority = await makeCertificateAuthority(ofTides);
  const use = { kind: 'server', names: ['tides.default.svc'] } as const;
  const { certificate, key } = await issueCertificate(authority, use, ofTides);
  return { certificate, key: key.reveal(), authority: authority.certificate };
}

function serving({ certificate, key }: Certified): Secret {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    metadata: { name: 'tides' },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(certificate), 'tls.key': base64(key) },
  };
}

function tides(name: string): Pod {
  const mounts = { program: '/program', certificate: '/certificate' };
  return {
    metadata: { name, labels: { app: 'tides' } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'server',
          image: 'host',
          command: ['node', '/program/server.mjs'],
          readinessProbe: { tcpSocket: { port: 6443 }, periodSeconds: 1 },
          volumeMounts: Object.entries(mounts).map(([each, mountPath]) => ({
            name: each,
            mountPath,
          })),
        },
      ],
      volumes: [
        { name: 'program', configMap: { name: 'tides' } },
        { name: 'certificate', secret: { secretName: 'tides' } },
      ],
    },
  };
}

test(
  'an API server in a pod is reached through its service, and followed to the next pod',
  { skip: await skipWithoutNamespaces() },
  async () => {
    await using folder = await scratchFolder();
    const shell = commandLine(folder.path);
    await using cluster = shell.start('up', '--listen', '127.0.0.1:0', '--node', 'process');
    await cluster.until('Stop it with');
    await using admin = await connect({ kubeconfig: join(folder.path, '.fairway/kubeconfig') });
    await admin.waitFor(ServiceAccount, 'default', (found) => found !== undefined);
    const certified = await certify();
    await admin.create(Secret, serving(certified));
    await admin.create(ConfigMap, { metadata: { name: 'tides' }, data: { 'server.mjs': program } });
    await admin.create(RoleBinding, {
      metadata: { name: 'tides', namespace: 'kube-system' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Role',
        name: 'extension-apiserver-authentication-reader',
      },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
    });
    await admin.create(Pod, tides('first'));
    await admin.create(Service, {
      metadata: { name: 'tides' },
      spec: { selector: { app: 'tides' }, ports: [{ port: 443, targetPort: 6443 }] },
    });
    await admin.create(APIService, {
      metadata: { name: 'v1.sea.example' },
      spec: {
        group: 'sea.example',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        service: { namespace: 'default', name: 'tides' },
        caBundle: Buffer.from(certified.authority).toString('base64'),
      },
    });
    const untilSaid = (reason: string): Promise<unknown> =>
      admin.waitFor(
        APIService,
        'v1.sea.example',
        ({ status }) => status?.conditions?.[0]?.reason === reason,
        { timeoutMs: 60_000 },
      );
    const high = async (): Promise<unknown> => {
      const { body } = await admin.request({ path: '/apis/sea.example/v1/tides/high' });
      const { metadata } = JSON.parse(Buffer.from(await collectBody(body)).toString()) as Pod;
      return metadata?.annotations;
    };
    await untilSaid('Passed');
    assert.deepEqual(await high(), { user: 'fairway-admin', pod: 'first' });
    await admin.delete(Pod, 'first');
    await untilSaid('MissingEndpoints');
    await admin.create(Pod, tides('second'));
    await untilSaid('Passed');
    assert.deepEqual(await high(), { user: 'fairway-admin', pod: 'second' });
  },
);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiError, type KubernetesObject, type ResourceDescriptor } from '@fairway/protocol';
import { describeObject } from './describe-object.ts';
import type { Answers, Questions } from './describer.ts';
import { describerFor } from './describer-table.ts';

const moment = { nowMs: 0, utcOffsetMinutes: () => 0 };

/** What no kubectl before 1.36 tells, and what fixtures of a whole cluster do not have. */
async function described(
  kind: Pick<ResourceDescriptor, 'group' | 'kind'>,
  object: object,
  answers: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const resource = { version: 'v1', plural: '', isNamespaced: true, ...kind };
  const describer = await describerFor(resource);
  const related = { answers: answers as Answers<Questions>, events: undefined };
  return describeObject(describer, object as KubernetesObject, related, moment);
}

const refusal = apiError('Forbidden', 'no');

test('a class of attributes of volumes is described', async () => {
  const text = await described(
    { group: 'storage.k8s.io', kind: 'VolumeAttributesClass' },
    { metadata: { name: 'gold' }, driverName: 'd.example', parameters: { iops: '9', tier: 'x' } },
  );
  assert.equal(
    text,
    'Name:         gold\nAnnotations:  <none>\nDriverName:   d.example\nParameters:   iops=9,tier=x\n',
  );
});

test('a node tells of the pools of devices that only it has, ten at most', async () => {
  const slices = Array.from({ length: 12 }, (_, at) => ({
    spec: { driver: 'd', pool: { name: `p${String(at).padStart(2, '0')}` }, devices: [{}, {}] },
  }));
  const text = await described(
    { group: '', kind: 'Node' },
    { metadata: { name: 'n' } },
    {
      slices: { found: [...slices, ...slices.slice(0, 1)] },
      lease: { refusal },
      pods: { refusal },
    },
  );
  assert.match(text, /\nLease: +Failed to get lease: no\n/);
  assert.match(
    text,
    /Driver {2}Pool {2}Slices {2}Devices\n.*\n {2}d {7}p00 {3}2 {7}4\n {2}d {7}p01 {3}1 {7}2\n/,
  );
  assert.match(text, /p09 .*\n {2}\.\.\.and 2 more pools\nSystem Info:/);
  assert.match(text, /\nPods: +not authorized\n$/);
});

test('a pod tells of its group, its ephemeral containers and its end', async () => {
  const text = await described(
    { group: '', kind: 'Pod' },
    {
      metadata: {
        name: 'p',
        deletionTimestamp: '1969-12-31T23:59:00Z',
        deletionGracePeriodSeconds: 30,
      },
      spec: {
        schedulingGroup: { podGroupName: 'g' },
        containers: [],
        ephemeralContainers: [{ name: 'debug', image: 'sh' }],
      },
    },
  );
  assert.match(text, /\nStatus: +Terminating \(lasts 60s\)\nTermination Grace Period: +30s\n/);
  assert.match(text, /\nContainers: <none>\nEphemeral Containers:\n {2}debug:\n {4}Image: +sh\n/);
  assert.match(text, /\nSchedulingGroup:\n {2}PodGroupName: +g\n$/);
});

test('what was refused is told, or the description is', async () => {
  const set = { metadata: { name: 's' } };
  assert.match(
    await described({ group: 'apps', kind: 'ReplicaSet' }, set, { pods: { refusal } }),
    /\nPods Status: +error in fetching pods: no\n/,
  );
  await assert.rejects(
    described({ group: 'apps', kind: 'StatefulSet' }, set, { pods: { refusal } }),
    refusal,
  );
  const absent = apiError('NotFound', 'no such resource');
  const answers = { quotas: { refusal: absent }, limits: { found: [] } };
  const namespace = await described({ group: '', kind: 'Namespace' }, set, answers);
  assert.equal(namespace.replace(/^[^]*Status: +\n/, ''), '\nNo LimitRange resource.\n');
});

test('nothing in a value steers a terminal', async () => {
  const text = await described(
    { group: '', kind: 'ConfigMap' },
    {
      metadata: { name: 'c\u001b[2J', labels: { a: '\u009b31m' } },
      data: { k: '\u001b]0;x\u0007' },
    },
  );
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  assert.match(text, /c\^\[\[2J/);
});

test('a request for a certificate that is none says so', async () => {
  await assert.rejects(
    described(
      { group: 'certificates.k8s.io', kind: 'CertificateSigningRequest' },
      { metadata: { name: 'r' }, spec: { request: 'eA==' } },
    ),
    { name: 'CommandError', message: /^Error parsing CSR: PEM block type must be/ },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStaticPod } from './parse-static-pod.ts';

const place = { file: '/manifests/web.yaml', nodeName: 'n1' };
const container = { name: 'app', image: 'web:1' };

function manifest(spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', ...metadata },
    spec: { containers: [container], ...spec },
  };
}

function problemOf(object: unknown): string {
  const parsed = parseStaticPod(object, place);
  return parsed.kind === 'problem' ? parsed.problem : 'none';
}

test('a manifest becomes a complete pod of its node, with a uid of what it says', () => {
  const [parsed, again, other, moved] = [
    parseStaticPod(manifest(), place),
    parseStaticPod(manifest(), place),
    parseStaticPod(manifest({ hostNetwork: true }), place),
    parseStaticPod(manifest(), { ...place, nodeName: 'n2' }),
  ].map((each) => (each.kind === 'pod' ? each.pod : undefined));
  assert.equal(parsed?.metadata?.name, 'web-n1');
  assert.equal(parsed?.metadata?.namespace, 'default');
  assert.deepEqual(parsed?.spec?.tolerations, [{ operator: 'Exists', effect: 'NoExecute' }]);
  assert.equal(parsed?.spec?.restartPolicy, 'Always');
  assert.equal(parsed?.spec?.containers[0]?.imagePullPolicy, 'IfNotPresent');
  assert.equal(again?.metadata?.uid, parsed?.metadata?.uid);
  const uids = [parsed, other, moved].map((each) => each?.metadata?.uid);
  assert.equal(new Set(uids).size, 3);
});

test('what a node cannot run by itself is refused, and why', () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    ['text', /holds something that is no object/],
    [null, /holds something that is no object/],
    [{ apiVersion: 'apps/v1', kind: 'Deployment' }, /only a Pod, of apiVersion "v1"/],
    [manifest({}, { name: undefined }), /it has no metadata.name/],
    [manifest({}, { name: 'Web\n' }), /metadata.name: "Web\\n-n1": /],
    [manifest({ containers: [] }), /spec.containers: Required value/],
    [manifest({ containers: 'x' }), /a field of it is of another type than in a Pod/],
    [manifest({ serviceAccountName: 'x' }), /may not reference a service account/],
    [manifest({ volumes: [{ name: 'v', secret: { secretName: 's' } }] }), /reference secrets/],
    [manifest({}, { annotations: { 'kubernetes.io/config.mirror': 'x' } }), /for the node alone/],
  ];
  for (const [object, why] of cases) assert.match(problemOf(object), why);
});

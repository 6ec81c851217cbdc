import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillAppArmorFields } from './app-armor-fields.ts';

const prefix = 'container.apparmor.security.beta.kubernetes.io/';

function filled(annotation: string, spec: object = {}) {
  const pod = {
    metadata: { annotations: { [`${prefix}c`]: annotation } },
    spec: { containers: [{ name: 'c' }, { name: 'other' }], ...spec },
  };
  const told: string[] = [];
  fillAppArmorFields(pod as never, (text) => void told.push(text));
  const contexts = (pod.spec.containers as { securityContext?: object }[]).map(
    ({ securityContext }) => securityContext,
  );
  return { contexts, told: told.length };
}

test('fillAppArmorFields() says by fields what an annotation asks for, and that it did', () => {
  const rows: readonly (readonly [string, object | undefined])[] = [
    ['runtime/default', { type: 'RuntimeDefault' }],
    ['unconfined', { type: 'Unconfined' }],
    ['localhost/my-profile', { type: 'Localhost', localhostProfile: 'my-profile' }],
    ['localhost/', undefined],
    ['localhost/ a', undefined],
    [`localhost/${'a'.repeat(4_096)}`, undefined],
    ['', undefined],
  ];
  for (const [annotation, appArmorProfile] of rows) {
    const first = appArmorProfile && { appArmorProfile };
    assert.deepEqual(filled(annotation), { contexts: [first, undefined], told: 1 }, annotation);
  }
});

test('fillAppArmorFields() leaves alone what fields say', () => {
  const appArmorProfile = { type: 'RuntimeDefault' };
  const said = { containers: [{ name: 'c', securityContext: { appArmorProfile } }] };
  assert.deepEqual(filled('unconfined', said), { contexts: [{ appArmorProfile }], told: 0 });
  const ofPod = { securityContext: { appArmorProfile } };
  assert.deepEqual(filled('runtime/default', ofPod).told, 0);
  assert.deepEqual(filled('unconfined', ofPod).told, 1);
  assert.deepEqual(filled('unconfined', { os: { name: 'windows' } }).told, 0);
});

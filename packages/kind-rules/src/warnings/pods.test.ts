import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podWarnings } from './pods.ts';

/** Of a pod, or of a template below `path`. */
function warnings(spec: object, annotations: Readonly<Record<string, string>> = {}, path = '') {
  const whole = { containers: [{ name: 'c' }], ...spec };
  return [...podWarnings({ metadata: { annotations }, spec: whole as never }, path)];
}

test('podWarnings() takes a variable that adds to itself for meant, and one that is itself not', () => {
  const env = (value: string): object => ({
    containers: [
      {
        name: 'c',
        env: [
          { name: 'X', value: 'a' },
          { name: 'X', value },
        ],
      },
    ],
  });
  const hides =
    'spec.containers[0].env[1]: hides previous definition of "X", which may be dropped when using apply';
  assert.deepEqual(warnings(env('$(X),b')), []);
  assert.deepEqual(warnings(env('$(X)')), [hides]);
  assert.deepEqual(warnings(env('b')), [hides]);
});

test('podWarnings() tells of annotations that no field says in their place', () => {
  const pod = 'seccomp.security.alpha.kubernetes.io/pod';
  const container = 'container.seccomp.security.alpha.kubernetes.io/c';
  const appArmor = 'container.apparmor.security.beta.kubernetes.io/c';
  const all = { [pod]: 'x', [container]: 'x', [appArmor]: 'unconfined' };
  const seccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead';
  const deprecated = 'deprecated since v1.30; use the "appArmorProfile" field instead';
  assert.deepEqual(warnings({}, all, 'template.'), [
    `template.metadata.annotations[${pod}]: ${seccomp}`,
    `template.metadata.annotations[${container}]: ${seccomp}`,
    `template.metadata.annotations[${appArmor}]: ${deprecated}`,
  ]);
  const profile = { type: 'RuntimeDefault' };
  const said = { seccompProfile: profile, appArmorProfile: profile };
  assert.deepEqual(warnings({ securityContext: said }, all, 'template.'), [
    `template.metadata.annotations[${container}]: ${seccomp}`,
  ]);
  const containers = [{ name: 'c', securityContext: said }];
  assert.deepEqual(warnings({ containers }, { [container]: 'x', [appArmor]: 'x' }, 't.'), []);
  assert.deepEqual(warnings({}, { [appArmor]: 'unconfined' }), [], 'a pod is told by its fields');
});

test('podWarnings() tells of fractions of bytes that a pod costs beside its containers', () => {
  const overhead = { memory: '1500m', 'ephemeral-storage': '500m', cpu: '500m' };
  assert.deepEqual(warnings({ overhead }), [
    'spec.overhead[memory]: fractional byte value "1500m" is invalid, must be an integer',
    'spec.overhead[ephemeral-storage]: fractional byte value "500m" is invalid, must be an integer',
  ]);
});

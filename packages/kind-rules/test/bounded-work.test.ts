import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError, KubernetesObject } from '@fairway/protocol';
import { allKindRules } from '../src/all-kind-rules.ts';
import { validateObjectMeta } from '../src/metadata/validate-object-meta.ts';
import { goldenObject, withChanges } from './golden-objects.ts';

const errorsMax = 1_000;
const many = 5_000;

/** Objects of one kind with a great many wrong parts, and what is found when there are few of them. */
const wrongParts: Readonly<
  Record<string, (parts: readonly object[]) => { golden: string; path: string; value: unknown }>
> = {
  'containers of a pod': (value) => ({ golden: 'pod', path: 'spec.containers', value }),
  'ports of a service': (value) => ({ golden: 'service-clusterip', path: 'spec.ports', value }),
  'webhooks of a configuration': (value) => ({
    golden: 'validatingwebhook',
    path: 'webhooks',
    value,
  }),
  'limits of a namespace': (value) => ({ golden: 'limitrange', path: 'spec.limits', value }),
  'versions of a definition': (value) => ({ golden: 'crd', path: 'spec.versions', value }),
};

for (const [name, place] of Object.entries(wrongParts)) {
  test(`kind rules stop looking at ${name} when enough is wrong`, async () => {
    const few = await errorsOf(place(Array.from({ length: 100 }, () => ({}))));
    let reads = 0;
    const parts = Array.from({ length: many }, () => counted({}, () => reads++));
    const errors = await errorsOf(place(parts));
    const readsForMany = reads;
    assert.equal(errors.length, errorsMax + 1);
    // They are the same errors in the same order for as long as both objects are alike.
    assert.deepEqual(errors.slice(0, 90), few.slice(0, 90));
    assert.deepEqual(errors.at(-1), {
      reason: 'FieldValueForbidden',
      field: '<nil>',
      detail: 'more than fieldErrorsMax (1000) values are wrong; the rest was not looked at',
    });
    reads = 0;
    await errorsOf(place(parts.slice(0, many / 2)));
    assert.equal(readsForMany, reads, 'parts behind the last error are looked at');
  });
}

test('kind rules stop looking at a view of an object when enough is wrong', () => {
  const ephemeralContainers = numbers(many).map((at) => ({ name: `e${at}`, image: 'i' }));
  const stored = podWith({ ephemeralContainers });
  const errors = rulesOf('/pods').validateSubresource?.['ephemeralcontainers']?.(
    podWith({}),
    stored,
  );
  assert.equal(errors?.length, errorsMax + 1);
});

test('the rules of metadata stop at the last label that is reported', () => {
  let reads = 0;
  const labels = counted(Object.fromEntries(numbers(many).map((at) => [`$${at}`, ''])), () => {
    reads++;
  });
  const errors = validateObjectMeta({ metadata: { name: 'a', labels } }, metadataScope);
  assert.equal(errors.length, errorsMax + 1);
  assert.ok(reads <= errorsMax + 1, `${reads} labels are read`);
});

const metadataScope = { isNamespaced: false, checkName: () => undefined };

/** Pairs of lists that are held against each other: each element is looked at a few times. */
const pairs: Readonly<Record<string, (part: <T extends object>(value: T) => T) => void>> = {
  'tolerations and those that were there': (part) => {
    const tolerations = numbers(many).map((at) => part({ key: `k${at}`, operator: 'Exists' }));
    const [pod, stored] = [podWith({ tolerations }), podWith({ tolerations })];
    rulesOf('/pods').validateUpdate?.(pod, stored);
  },
  'ephemeral containers and those that have joined': (part) => {
    const ephemeralContainers = numbers(many).map((at) => part({ name: `e${at}`, image: 'i' }));
    const [pod, stored] = [podWith({ ephemeralContainers }), podWith({ ephemeralContainers })];
    rulesOf('/pods').validateSubresource?.['ephemeralcontainers']?.(pod, stored);
  },
  'claims of a quota and its scopes': (part) => {
    const hard = part(Object.fromEntries(numbers(many).map((at) => [`a.b/${at}`, '1'])));
    const scopes = numbers(many).map(() => 'NotTerminating');
    rulesOf('/resourcequotas').validate?.({ spec: { hard, scopes } } as KubernetesObject);
  },
  'mounts and devices': (part) => {
    const volumeMounts = numbers(many).map((at) => ({ name: `m${at}`, mountPath: `/m${at}` }));
    const volumeDevices = numbers(many).map((at) =>
      part({ name: `d${at}`, devicePath: `/d${at}` }),
    );
    const volumes = [...volumeMounts, ...volumeDevices].map(({ name }) => ({
      name,
      persistentVolumeClaim: { claimName: 'c' },
    }));
    const container = { name: 'c', image: 'i', volumeMounts, volumeDevices };
    rulesOf('/pods').validate?.(podWith({ containers: [container], volumes }));
  },
  'devices and mounts': (part) => {
    const volumeMounts = numbers(many).map((at) => part({ name: `m${at}`, mountPath: `/m${at}` }));
    const volumeDevices = numbers(many).map((at) => ({ name: `d${at}`, devicePath: `/d${at}` }));
    const volumes = [...volumeMounts, ...volumeDevices].map(({ name }) => ({
      name,
      persistentVolumeClaim: { claimName: 'c' },
    }));
    const container = { name: 'c', image: 'i', volumeMounts, volumeDevices };
    rulesOf('/pods').validate?.(podWith({ containers: [container], volumes }));
  },
  'claims and containers': (part) => {
    const resourceClaims = numbers(many).map((at) =>
      part({ name: `r${at}`, resourceClaimName: 'c' }),
    );
    const containers = numbers(many).map((at) => ({ name: `c${at}`, image: 'i' }));
    rulesOf('/pods').validate?.(podWith({ containers, resourceClaims }));
  },
  'volumes that are claimed and those that make claims': (part) => {
    const claimed = numbers(many).map((at) => ({
      name: `v${at}`,
      persistentVolumeClaim: { claimName: 'c' },
    }));
    const volumes = [
      ...claimed,
      ...numbers(many).map((at) => part({ name: `e${at}`, emptyDir: {} })),
    ];
    rulesOf('/pods').validate?.(podWith({ volumes }));
  },
  'claim templates and volumes': (part) => {
    const volumes = numbers(many).map((at) => part({ name: `v${at}`, emptyDir: {} }));
    const spec = podWith({ volumes })['spec'];
    const volumeClaimTemplates = numbers(many).map((at) => ({ metadata: { name: `t${at}` } }));
    const set = { spec: { template: { spec }, volumeClaimTemplates } };
    rulesOf('apps/statefulsets').validate?.(set as KubernetesObject);
  },
};

for (const [name, validate] of Object.entries(pairs)) {
  test(`kind rules hold ${name} against each other in a time that grows with both alone`, () => {
    let reads = 0;
    validate((value) => counted(value, () => reads++));
    assert.ok(reads > 0 && reads <= 100 * many, `${reads} reads for ${many} and ${many} elements`);
  });
}

async function errorsOf({
  golden,
  path,
  value,
}: {
  golden: string;
  path: string;
  value: unknown;
}): Promise<readonly FieldError[]> {
  const { object, rules } = goldenObject(golden);
  const draft = withChanges(object, {});
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let holder: unknown = draft;
  for (const key of keys) holder = Reflect.get(Object(holder), key);
  // Not a copy, which would not count who looks at it.
  Reflect.set(Object(holder), last, value);
  return [
    ...(rules.validate?.(draft) ?? []),
    ...((await rules.validateInTurns?.(draft, undefined, () => undefined)) ?? []),
  ];
}

/** The same object, which tells when one of its fields is read. */
function counted<T extends object>(object: T, onRead: () => void): T {
  return new Proxy(object, {
    get(target, field) {
      onRead();
      return Reflect.get(target, field) as unknown;
    },
  });
}

function podWith(fields: object): KubernetesObject & { spec: object } {
  const { object } = goldenObject('pod');
  const pod = withChanges(object, {}) as KubernetesObject & { spec: object };
  return { ...pod, spec: { ...pod.spec, ...fields } };
}

function rulesOf(resource: string) {
  const rules = allKindRules.get(resource);
  assert.ok(rules);
  return rules;
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => at);
}

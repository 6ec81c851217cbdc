import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { builtInSchemas } from '@fairway/kinds/schema';
import type { KubernetesObject } from '@fairway/protocol';
import { Metrics } from '@fairway/serving/metrics';
import { type Store, type StoreEntry, createMemoryStore } from '@fairway/store';
import { ClusterReader } from '../reads/cluster-reader.ts';
import { StoredFacts } from '../reads/stored-facts.ts';
import { builtInResources } from '../registry/built-in-resources.ts';
import { ResourceRegistry } from '../registry/resource-registry.ts';
import { encodeForStore } from '../storage/object-bytes.ts';
import type { AdmissionPlugin, AdmitRequest, ValidateRequest } from './admission-plugin.ts';
import { AdmissionRegistrations } from './admission-registrations.ts';
import { AdmissionRounds } from './admission-rounds.ts';
import { limitRanger } from './limit-ranger/limit-ranger.ts';
import { measureAdmission } from './measure-admission.ts';
import { mutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import { NamespaceLimits } from './namespace-limits.ts';
import { resourceQuota } from './resource-quota/resource-quota.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';
import { AdmissionWebhooks } from './webhooks/admission-webhooks.ts';

const schemas = builtInSchemas();
const registry = new ResourceRegistry(builtInResources(schemas, new Map()));
const clock = new ManualClock();
const facts = new StoredFacts(clock);

/** Everything that goes by objects of the cluster, measured as in a server. */
function pluginsOver(store: Store): {
  readonly plugins: ReadonlyMap<string, AdmissionPlugin>;
  readonly registrations: AdmissionRegistrations;
  readonly limits: NamespaceLimits;
} {
  const cluster = new ClusterReader({ store, registry, facts });
  const registrations = new AdmissionRegistrations(facts);
  const limits = new NamespaceLimits({ registry, facts });
  const parts = { store, registry, cluster, limits, facts, schemas, clock, timers: clock } as never;
  const webhooks = new AdmissionWebhooks(() => registrations.index, parts);
  webhooks.begin();
  const plugins = [
    limitRanger(limits) as AdmissionPlugin,
    mutatingAdmissionPolicy(registrations, parts),
    webhooks.mutatingPlugin,
    validatingAdmissionPolicy(registrations, parts),
    webhooks.validatingPlugin,
    resourceQuota(parts),
  ];
  const measured = measureAdmission(plugins, { metrics: new Metrics(), clock });
  return {
    plugins: new Map(measured.map((each) => [each.name, each])),
    registrations,
    limits,
  };
}

const object: KubernetesObject = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'p', namespace: 'a' },
};

const request = {
  operation: 'CREATE',
  resource: registry.builtInResource('', 'pods'),
  subresource: '',
  namespace: 'a',
  name: 'p',
  user: { username: 'ann', groups: [] },
  options: {},
  object,
  draft: object,
  rounds: new AdmissionRounds(),
  warn: () => undefined,
  annotate: () => undefined,
  signal: new AbortController().signal,
} as unknown as AdmitRequest<KubernetesObject> & ValidateRequest<KubernetesObject>;

/** The names of those that the request waits for. */
function waitedFor(plugins: ReadonlyMap<string, AdmissionPlugin>): readonly string[] {
  const waited: string[] = [];
  for (const [name, { admit, validate }] of plugins) {
    const answers = [admit?.(request), validate?.(request)];
    for (const answer of answers) answer?.catch(() => undefined);
    if (answers.some((answer) => answer !== undefined)) waited.push(name);
  }
  return waited;
}

function entryOf(plural: string, group = ''): StoreEntry {
  const { storage, isNamespaced } = registry.builtInResource(group, plural);
  const metadata = { name: 'x', ...(isNamespaced && { namespace: 'a' }) };
  const value = encodeForStore({
    kind: 'K',
    apiVersion: 'v1',
    metadata,
    spec: { policyName: 'x' },
    webhooks: [{ name: 'x', rules: [], clientConfig: { url: 'https://192.0.2.1/' } }],
  } as KubernetesObject);
  const key = isNamespaced ? `${storage.prefix}a/x` : `${storage.prefix}x`;
  return { key, value, revision: 1, createRevision: 1 };
}

test('a request waits for no plugin that has nothing to go by', () => {
  const { plugins } = pluginsOver(createMemoryStore());
  assert.deepEqual(waitedFor(plugins), []);
});

const group = 'admissionregistration.k8s.io';

test('it waits for those that have something, until that is gone', () => {
  const { plugins, registrations, limits } = pluginsOver(createMemoryStore());
  const quotas = limits.followed[1];
  const followed = [
    ['ResourceQuota', quotas?.follower, [entryOf('resourcequotas')]],
    [
      'ValidatingAdmissionPolicy',
      registrations,
      [
        entryOf('validatingadmissionpolicies', group),
        entryOf('validatingadmissionpolicybindings', group),
      ],
    ],
    [
      'MutatingAdmissionPolicy',
      registrations,
      [
        entryOf('mutatingadmissionpolicies', group),
        entryOf('mutatingadmissionpolicybindings', group),
      ],
    ],
    [
      'ValidatingAdmissionWebhook',
      registrations,
      [entryOf('validatingwebhookconfigurations', group)],
    ],
    ['MutatingAdmissionWebhook', registrations, [entryOf('mutatingwebhookconfigurations', group)]],
  ] as const;
  for (const [name, follower, entries] of followed) {
    for (const entry of entries) follower?.put(entry);
    assert.deepEqual(waitedFor(plugins), [name]);
    for (const entry of entries) follower?.delete(entry);
    assert.deepEqual(waitedFor(plugins), []);
  }
});

test('a limit range holds in its namespace, the older one first, until it is gone', () => {
  const { limits } = pluginsOver(createMemoryStore());
  const ranges = limits.followed[0]?.follower;
  const { key, value } = entryOf('limitranges');
  const younger = { key, value, revision: 9, createRevision: 4 };
  const older = { key: `${key}-z`, value: Buffer.from(value), revision: 8, createRevision: 3 };
  ranges?.put(younger);
  ranges?.put(older);
  const found = limits.limitRangesOf('a');
  assert.deepEqual(found, [facts.objectOf(older), facts.objectOf(younger)]);
  assert.equal(found[0], facts.objectOf(older));
  assert.deepEqual(limits.limitRangesOf('b'), []);
  ranges?.delete(younger);
  ranges?.delete(older);
  assert.deepEqual(limits.limitRangesOf('a'), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControllerRevision, StatefulSet, type StatefulSetSpec } from '@fairway/kinds/apps/v1';
import { Event, PersistentVolumeClaim, Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import {
  type RunningCluster,
  startRunningCluster,
  addNamespace,
} from '../../test/running-cluster.ts';

const labels = { app: 'db' };
const template = {
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'db:1' }] },
};

test('stateful sets', async (context) => {
  await using cluster = await startRunningCluster({
    controllers: ['statefulset-controller', 'garbage-collector-controller'],
  });
  const { client, until } = cluster;
  const inNamespace = async (name: string): Promise<Shop> => {
    await addNamespace(client, name);
    return new Shop(cluster, name);
  };

  await context.test('templates come back as the revisions that they were', async () => {
    const shop = await inNamespace('undone');
    await shop.create({ replicas: 0, revisionHistoryLimit: 1 });
    for (const image of ['db:2', 'db:3', 'db:1', 'db:4']) {
      await shop.isObserved();
      await shop.change({ template: { spec: { containers: [{ name: 'main', image }] } } });
    }
    await shop.isObserved();
    const { items } = await client.list(ControllerRevision, { namespace: 'undone' }).all();
    const numbers = items.map(({ revision }) => revision).toSorted((one, other) => one - other);
    // db:1 was there before and got a new number; of the others that nobody uses, one is left.
    assert.deepEqual(numbers, [4, 5]);
    const { status } = await shop.get();
    const newest = items.find(({ metadata }) => metadata?.name === status?.updateRevision);
    assert.equal(newest?.revision, 5);
  });

  await context.test('a revision whose name is taken gets another one', async () => {
    const first = await inNamespace('first');
    await first.create({ replicas: 0 });
    await first.isObserved();
    const { status } = await first.get();
    const shop = await inNamespace('taken');
    const name = status?.updateRevision ?? '';
    const foreign = { metadata: { name, namespace: 'taken' }, revision: 1, data: { spec: {} } };
    await client.create(ControllerRevision, foreign);
    await shop.create({ replicas: 0 });
    await shop.isObserved();
    const after = (await shop.get()).status;
    assert.equal(after?.collisionCount, 1);
    assert.notEqual(after.updateRevision, name);
  });

  await context.test('pods that are ready for long enough count, and not before', async () => {
    const shop = await inNamespace('patient');
    await shop.create({ replicas: 2, minReadySeconds: 20 });
    await until('a pod', async () => (await shop.podNames()).length === 1);
    await shop.run('db-0');
    await until('a ready pod', async () => (await shop.get()).status?.readyReplicas === 1);
    assert.deepEqual(await shop.podNames(), ['db-0']);
    await until('the next pod', async () => (await shop.podNames()).length === 2);
    assert.equal((await shop.get()).status?.availableReplicas, 1);
  });

  await context.test('what is refused is told, and tried again', async () => {
    const shop = await inNamespace('refused');
    const spec = { containers: [{ name: 'main', image: 'db:1', resources: { requests: {} } }] };
    await shop.create({
      replicas: 1,
      template: { metadata: { labels }, spec: { ...spec, serviceAccountName: 'absent' } },
    });
    const messages = async (): Promise<readonly string[]> =>
      (await client.list(Event, { namespace: 'refused' }).all()).items.map(
        ({ reason, message }) => `${reason}: ${message}`,
      );
    const refusal =
      'FailedCreate: Create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: error looking up service account refused/absent: serviceaccount "absent" not found';
    await until('a refusal', async () => (await messages()).includes(refusal));
    assert.equal((await shop.get()).status?.observedGeneration, 1);
    await client.create(ServiceAccount, { metadata: { name: 'absent', namespace: 'refused' } });
    await until('a pod', async () => (await shop.podNames()).length === 1);
  });

  await context.test('claims go with the set, and not with its pods', async () => {
    const shop = await inNamespace('claims');
    await shop.create({
      replicas: 2,
      podManagementPolicy: 'Parallel',
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data', labels: { tier: 'fast' } },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    });
    await until('pods', async () => (await shop.podNames()).length === 2);
    const list = async () =>
      (await client.list(PersistentVolumeClaim, { namespace: 'claims' }).all()).items;
    const names = (await list()).map(({ metadata }) => metadata?.name);
    assert.deepEqual(names, ['data-db-0', 'data-db-1']);
    const [claim] = await list();
    assert.deepEqual(claim?.metadata?.labels, { app: 'db', tier: 'fast' });
    assert.equal(claim.metadata.ownerReferences?.[0]?.kind, 'StatefulSet');
    await shop.change({ replicas: 0 });
    await until('no pods', async () => (await shop.podNames()).length === 0);
    assert.equal((await list()).length, 2);
    await shop.change({
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      replicas: 1,
    });
    await until('a claim that stays', async () => {
      const [first] = await list();
      return first?.metadata?.ownerReferences === undefined;
    });
    await client.delete(StatefulSet, 'db', { namespace: 'claims' });
    await until('one claim', async () => {
      const left = await list();
      return left.every(
        ({ metadata }) =>
          metadata?.deletionTimestamp !== undefined || metadata?.name === 'data-db-0',
      );
    });
  });

  await context.test('a pod of a name that others have is waited for', async () => {
    const shop = await inNamespace('foreign');
    const foreign = { ...template, metadata: { name: 'db-0', namespace: 'foreign' } };
    await client.create(Pod, foreign);
    await shop.create({ replicas: 1 });
    await shop.isObserved();
    await client.delete(Pod, 'db-0', { namespace: 'foreign' });
    await until('its own', async () => {
      const pod = await client.find(Pod, 'db-0', { namespace: 'foreign' });
      return pod?.metadata?.ownerReferences?.[0]?.kind === 'StatefulSet';
    });
  });
});

/** A stateful set in a namespace of its own. */
class Shop {
  readonly #cluster: RunningCluster;
  readonly #namespace: string;

  constructor(cluster: RunningCluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  async create(spec: Partial<StatefulSetSpec>): Promise<void> {
    await this.#cluster.client.create(StatefulSet, {
      metadata: { name: 'db', namespace: this.#namespace },
      spec: { serviceName: 'db', selector: { matchLabels: labels }, template, ...spec },
    });
  }

  async change(spec: object): Promise<void> {
    const options = { namespace: this.#namespace };
    await this.#cluster.client.patch(StatefulSet, 'db', { strategic: { spec } }, options);
  }

  get(): Promise<StatefulSet> {
    return this.#cluster.client.get(StatefulSet, 'db', { namespace: this.#namespace });
  }

  async isObserved(): Promise<void> {
    await this.#cluster.until('the status', async () => {
      const { metadata, status } = await this.get();
      return status?.observedGeneration === metadata?.generation;
    });
  }

  async podNames(): Promise<readonly (string | undefined)[]> {
    const { items } = await this.#cluster.client.list(Pod, { namespace: this.#namespace }).all();
    return items.map(({ metadata }) => metadata?.name);
  }

  async run(name: string): Promise<void> {
    const { client, server } = this.#cluster;
    const lastTransitionTime = formatTime(server.clock.now());
    const ready = { type: 'Ready', status: 'True' as const, lastTransitionTime };
    const status = { phase: 'Running' as const, conditions: [ready] };
    const part = client.subresource<Pod>(Pod, name, 'status', { namespace: this.#namespace });
    await part.patch({ merge: { status } });
  }
}

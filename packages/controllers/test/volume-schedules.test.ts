import assert from 'node:assert/strict';
import { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import { isBeingDeleted } from '@fairway/reconcile';
import { ifThere } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

testSchedules({
  name: 'persistent volumes',
  controllers: [
    'persistentvolume-binder-controller',
    'persistentvolumeclaim-protection-controller',
    'persistentvolume-protection-controller',
  ],
  prepare: async (world) => {
    await createVolume(world);
    await createClaim(world);
  },
  acts: [createVolume, createVolume, createClaim, createClaim, deleteClaim, deleteVolume],
  check: neverTwoClaims,
  settled: async (world) => {
    await neverTwoClaims(world);
    await nobodyWaitsInVain(world);
  },
});

async function claimsOf({ client, namespace }: World): Promise<readonly PersistentVolumeClaim[]> {
  return (await client.list(PersistentVolumeClaim, { namespace }).all()).items;
}

/** Volumes belong to no namespace: a label says of which schedule they are. */
async function volumesOf({ client, namespace }: World): Promise<readonly PersistentVolume[]> {
  const labelSelector = { schedule: namespace };
  return (await client.list(PersistentVolume, { labelSelector }).all()).items;
}

async function createVolume(world: World): Promise<void> {
  const { client, namespace } = world;
  const sizeGi = 1 + world.below(4);
  const meant = {
    namespace,
    name: `claim-${world.below(4)}`,
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
  };
  await client.create(PersistentVolume, {
    metadata: { generateName: `${namespace}-`, labels: { schedule: namespace } },
    spec: {
      capacity: { storage: `${sizeGi}Gi` },
      accessModes: ['ReadWriteOnce'],
      storageClassName: namespace,
      hostPath: { path: '/tmp/x' },
      persistentVolumeReclaimPolicy: 'Retain',
      ...(world.below(3) === 0 ? { claimRef: meant } : {}),
    },
  });
}

async function createClaim(world: World): Promise<void> {
  const { client, namespace } = world;
  const name = `claim-${world.below(4)}`;
  if ((await client.find(PersistentVolumeClaim, name, { namespace })) !== undefined) return;
  const resources = { requests: { storage: `${1 + world.below(4)}Gi` } };
  const volumes = await volumesOf(world);
  const volumeName =
    world.below(4) === 0 && volumes.length > 0 ? world.of(volumes).metadata?.name : undefined;
  await client.create(PersistentVolumeClaim, {
    metadata: { name, namespace },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources,
      storageClassName: namespace,
      ...(volumeName === undefined ? {} : { volumeName }),
    },
  });
}

async function deleteClaim(world: World): Promise<void> {
  const claims = await claimsOf(world);
  if (claims.length === 0) return;
  const { client, namespace } = world;
  const name = world.of(claims).metadata?.name ?? '';
  await ifThere(client.delete(PersistentVolumeClaim, name, { namespace }));
}

async function deleteVolume(world: World): Promise<void> {
  const volumes = await volumesOf(world);
  if (volumes.length === 0) return;
  await ifThere(world.client.delete(PersistentVolume, world.of(volumes).metadata?.name ?? ''));
}

async function neverTwoClaims(world: World): Promise<void> {
  const claims = await claimsOf(world);
  const bound = claims.filter(({ status }) => status?.phase === 'Bound');
  const names = bound.map(({ spec }) => spec?.volumeName);
  assert.equal(new Set(names).size, names.length, `two claims have one volume: ${names.join()}`);
  const volumes = new Map((await volumesOf(world)).map((each) => [each.metadata?.name, each]));
  for (const { metadata, spec } of bound) {
    const owner = volumes.get(spec?.volumeName)?.spec?.claimRef?.uid;
    // Of a volume that is gone, the claim is told a moment later.
    if (owner !== undefined) assert.equal(owner, metadata?.uid, `the volume of ${metadata?.name}`);
  }
}

async function nobodyWaitsInVain(world: World): Promise<void> {
  const volumes = await volumesOf(world);
  const free = volumes.filter((each) => each.spec?.claimRef === undefined && !isBeingDeleted(each));
  const gi = (amount: string | undefined): number => Number.parseInt(amount ?? '0', 10);
  for (const claim of await claimsOf(world)) {
    if (isBeingDeleted(claim)) continue;
    assert.notEqual(claim.status?.phase, undefined, claim.metadata?.name);
    if (claim.status?.phase !== 'Pending' || claim.spec?.volumeName !== undefined) continue;
    const wanted = gi(claim.spec?.resources?.requests?.['storage']);
    const suiting = free.find((each) => gi(each.spec?.capacity?.['storage']) >= wanted);
    assert.equal(suiting, undefined, `${claim.metadata?.name} waits, and there is a volume for it`);
  }
  for (const volume of volumes) {
    const { uid } = volume.spec?.claimRef ?? {};
    const phase = uid === undefined ? 'Available' : undefined;
    if (phase !== undefined) assert.equal(volume.status?.phase, phase, volume.metadata?.name);
  }
}

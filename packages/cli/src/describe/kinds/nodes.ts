import type { Shown } from '@fairway/kind-rules/shown';
import { watchedConditionLines } from './condition-lines.ts';
import { Lease } from '@fairway/kinds/coordination/v1';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { ResourceSlice } from '@fairway/kinds/resource/v1';
import { type Answer, type EventSubject, describerOf } from '../describer.ts';
import { type Lines, field, fieldIfAny, lines, section, table } from '../lines.ts';
import { annotationLines, labelLines } from '../metadata-lines.ts';
import { type Moment, timeText } from '../moment.ts';
import { amountLines } from './amount-lines.ts';
import { nodePodLines } from './node-pods.ts';
import { taintLines } from './pod-placement.ts';

/** Describes a node: how it is, what it has, and which pods take how much of it. */
export const node = describerOf({
  resource: Node,
  events: nodeEvents,
  questions: ({ metadata }) => {
    const name = metadata?.name ?? '';
    const ofNode = `spec.nodeName=${name},status.phase!=Failed,status.phase!=Succeeded`;
    return {
      pods: { list: Pod, fieldSelector: ofNode },
      lease: { get: Lease, name, namespace: 'kube-node-lease' },
      slices: { list: ResourceSlice, fieldSelector: `spec.nodeName=${name}` },
    };
  },
  describe: (held, { pods, lease, slices }, moment) => {
    const { metadata, spec = {}, status = {} } = held;
    if (pods.refusal !== undefined && pods.refusal.code !== 403) throw pods.refusal;
    return lines(
      field('Name', metadata?.name ?? ''),
      field('Roles', rolesOf(held).join(',') || '<none>'),
      labelLines('Labels', metadata?.labels),
      annotationLines(metadata?.annotations),
      field('CreationTimestamp', timeText(metadata?.creationTimestamp, moment)),
      taintLines(spec.taints),
      field('Unschedulable', spec.unschedulable ?? false),
      leaseLines(lease, moment),
      watchedConditionLines(held.status?.conditions, { looked: 'lastHeartbeatTime', moment }),
      section(
        'Addresses',
        (status.addresses ?? []).map(({ type = '', address = '' }) => field(type, address)),
      ),
      amountLines('Capacity', status.capacity),
      amountLines('Allocatable', status.allocatable),
      sliceLines(slices.found ?? []),
      systemLines(held),
      fieldIfAny('PodCIDR', spec.podCIDR),
      fieldIfAny('PodCIDRs', spec.podCIDRs?.join(',')),
      fieldIfAny('ProviderID', spec.providerID),
      pods.found === undefined
        ? field('Pods', 'not authorized')
        : nodePodLines(held, pods.found, moment),
    );
  },
});

/** Controllers know a node by its uid, kubelets by its name. */
function nodeEvents({ metadata }: Shown<Node>): readonly EventSubject[] {
  return [
    { kind: 'Node', uid: metadata?.uid ?? '' },
    { kind: 'Node', uid: metadata?.name ?? '' },
  ];
}

function rolesOf({ metadata }: Shown<Node>): readonly string[] {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.entries(metadata?.labels ?? {}).flatMap(([key, value]) => {
    if (key === 'kubernetes.io/role') return value || [];
    return key.startsWith(prefix) ? key.slice(prefix.length) || [] : [];
  });
  return [...new Set(roles)].sort();
}

function leaseLines(lease: Answer<Shown<Lease>>, moment: Moment): Lines {
  if (lease.refusal !== undefined) {
    return [field('Lease', `Failed to get lease: ${lease.refusal.message}`)];
  }
  const { holderIdentity, acquireTime, renewTime } = lease.found.spec ?? {};
  const text = (time: string | undefined): string =>
    time === undefined ? '<unset>' : timeText(time, moment);
  return section('Lease', [
    field('HolderIdentity', holderIdentity ?? '<unset>'),
    field('AcquireTime', text(acquireTime)),
    field('RenewTime', text(renewTime)),
  ]);
}

const poolsMax = 10;

/** Devices that only this node has, by their pools. */
function sliceLines(slices: readonly Shown<ResourceSlice>[]): Lines {
  const pools = new Map<
    string,
    { driver: string; pool: string; slices: number; devices: number }
  >();
  for (const { spec = {} } of slices) {
    const { driver = '', pool: { name: pool = '' } = {}, devices = [] } = spec;
    const known = pools.get(`${driver}/${pool}`) ?? { driver, pool, slices: 0, devices: 0 };
    pools.set(`${driver}/${pool}`, {
      ...known,
      slices: known.slices + 1,
      devices: known.devices + devices.length,
    });
  }
  if (pools.size === 0) return [];
  const rows = [...pools.keys()].sort().map((key) => Object.values(pools.get(key) ?? {}));
  const shown = table(['Driver', 'Pool', 'Slices', 'Devices'], rows.slice(0, poolsMax));
  const more = rows.length > poolsMax ? [`...and ${rows.length - poolsMax} more pools`] : [];
  return section('Node-Local ResourceSlices', [...shown, ...more]);
}

function systemLines({ status }: Shown<Node>): Lines {
  const info = status?.nodeInfo ?? {};
  return section('System Info', [
    field('Machine ID', info.machineID ?? ''),
    field('System UUID', info.systemUUID ?? ''),
    field('Boot ID', info.bootID ?? ''),
    field('Kernel Version', info.kernelVersion ?? ''),
    field('OS Image', info.osImage ?? ''),
    field('Operating System', info.operatingSystem ?? ''),
    field('Architecture', info.architecture ?? ''),
    field('Container Runtime Version', info.containerRuntimeVersion ?? ''),
    field('Kubelet Version', info.kubeletVersion ?? ''),
  ]);
}

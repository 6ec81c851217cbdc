import {
  type HostPort,
  anyAddress,
  hostPorts,
  isPodOver,
  matchesNodeAffinity,
  podRequests,
  untoleratedTaint,
  writtenAmounts,
} from '@fairway/kind-rules/pods';
import type { Node } from '@fairway/kinds/core/v1';
import {
  type DeepReadonly,
  type Quantity,
  addQuantities,
  compareQuantities,
  parseQuantity,
} from '@fairway/protocol';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { PodReason } from './pod-memory.ts';

/** What a pod is judged by before its node takes it. */
export interface AdmissionScene {
  readonly node: DeepReadonly<Node>;
  /** All that the node has taken, over or not. */
  readonly others: readonly AnyPod[];
}

/**
 * Why a node does not take a pod that was bound to it; undefined: it does.
 *
 * Source: the admission of a kubelet 1.36, whose reasons and messages these are.
 */
export function refusalOf(pod: AnyPod, { node, others }: AdmissionScene): PodReason | undefined {
  const active = activeBeside(pod, others);
  return (
    osProblem(pod, node) ??
    shortage(pod, { node, others: active }) ??
    selectionProblem(pod, node) ??
    portProblem(pod, active) ??
    taintProblem(pod, node)
  );
}

/** Those others that take something of the node. */
function activeBeside(pod: AnyPod, others: readonly AnyPod[]): readonly AnyPod[] {
  return others.filter((each) => !isPodOver(each) && each.metadata?.uid !== pod.metadata?.uid);
}

function osProblem({ spec }: AnyPod, { metadata }: DeepReadonly<Node>): PodReason | undefined {
  const labelled = spec?.nodeSelector?.['kubernetes.io/os'];
  if (labelled === undefined || labelled === metadata?.labels?.['kubernetes.io/os']) {
    return undefined;
  }
  return {
    reason: 'PodOSSelectorNodeLabelDoesNotMatch',
    message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
  };
}

function predicate(name: string): PodReason {
  return { reason: name, message: `Predicate ${name} failed` };
}

function selectionProblem(
  { spec }: AnyPod,
  { metadata }: DeepReadonly<Node>,
): PodReason | undefined {
  const node = { name: metadata?.name ?? '', labels: metadata?.labels ?? {} };
  return spec === undefined || matchesNodeAffinity(spec, node)
    ? undefined
    : predicate('NodeAffinity');
}

function taintProblem({ spec }: AnyPod, node: DeepReadonly<Node>): PodReason | undefined {
  const taints = node.spec?.taints ?? [];
  const found = untoleratedTaint(taints, spec?.tolerations ?? [], ['NoExecute']);
  return found === undefined ? undefined : predicate('TaintToleration');
}

function portProblem(pod: AnyPod, others: readonly AnyPod[]): PodReason | undefined {
  const taken = others.flatMap(portsOf);
  const isTaken = portsOf(pod).some((each) => taken.some((other) => overlap(each, other)));
  return isTaken ? predicate('NodePorts') : undefined;
}

function portsOf({ spec }: AnyPod): readonly HostPort[] {
  return spec === undefined ? [] : hostPorts(spec);
}

function overlap(one: HostPort, other: HostPort): boolean {
  if (one.port !== other.port || one.protocol !== other.protocol) return false;
  if (one.ip === anyAddress || other.ip === anyAddress) return true;
  return one.ip === other.ip;
}

/**
 * Why a node cannot give a pod that runs what it asks for now: never (`Infeasible`), or not as long as others have it
 * (`Deferred`); undefined: it can.
 */
export function resizeProblem(
  { metadata, spec }: AnyPod,
  { node, others }: AdmissionScene,
): PodReason | undefined {
  // As it is to be, whatever it has.
  const wanted: AnyPod = { ...(metadata && { metadata }), ...(spec && { spec }) };
  const requests = podRequests(wanted);
  const capacities = writtenAmounts(node.status?.allocatable);
  for (const name of ['cpu', 'memory']) {
    const requested = requests.get(name) ?? zero;
    const capacity = capacities.get(name) ?? zero;
    if (compareQuantities(requested, capacity) <= 0) continue;
    const [asked, had] = [requested, capacity].map((each) => wholeUnits(name, each));
    const message = `Node didn't have enough capacity: ${name}, requested: ${asked}, capacity: ${had}`;
    return { reason: 'Infeasible', message };
  }
  const lack = shortage(wanted, { node, others: activeBeside(wanted, others) });
  return lack && { reason: 'Deferred', message: lack.message };
}

/** The first resource of which the node has not enough left. */
function shortage(pod: AnyPod, { node, others }: AdmissionScene): PodReason | undefined {
  const capacities = writtenAmounts(node.status?.allocatable);
  const pods = Number(node.status?.allocatable?.['pods'] ?? Infinity);
  if (others.length + 1 > pods)
    return short('pods', { requested: 1, used: others.length, capacity: pods });
  const taken = others.map((each) => podRequests(each));
  for (const [name, requested] of podRequests(pod)) {
    if (compareQuantities(requested, zero) <= 0) continue;
    const used = taken.reduce((sum, each) => addQuantities(sum, each.get(name) ?? zero), zero);
    const capacity = capacities.get(name) ?? zero;
    if (compareQuantities(addQuantities(used, requested), capacity) > 0) {
      const count = (amount: Quantity): number => wholeUnits(name, amount);
      return short(name, {
        requested: count(requested),
        used: count(used),
        capacity: count(capacity),
      });
    }
  }
  return undefined;
}

const zero = parseQuantity('0') as Quantity;

/** A CPU in thousandths, as all messages about it have it. */
function wholeUnits(name: string, { nanos }: Quantity): number {
  return Number(nanos / (name === 'cpu' ? 1_000_000n : 1_000_000_000n));
}

function short(
  name: string,
  amounts: { readonly requested: number; readonly used: number; readonly capacity: number },
): PodReason {
  const { requested, used, capacity } = amounts;
  return {
    reason: `OutOf${name}`,
    message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  };
}

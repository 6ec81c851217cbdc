import { isPodOver, isPodReady, isPodAvailable } from '@fairway/kind-rules/pods';
import { isBeingDeleted } from '@fairway/reconcile';
import { countOf } from '../pods/count-of.ts';
import { oldestFirst } from '../oldest-first.ts';
import type { AnyPod, AnySet } from './daemon-pod.ts';
import type { NodeFitness } from './node-fitness.ts';

/** A node, what the set wants of it, and the set's pods that are on it or meant for it. */
export interface NodeState extends NodeFitness {
  readonly name: string;
  readonly pods: readonly AnyPod[];
}

/** What a set is like at a moment. */
export interface DaemonState {
  readonly set: AnySet;
  readonly nodes: readonly NodeState[];
  /** Pods that wait to be placed on nodes that are gone. */
  readonly stray: readonly AnyPod[];
  /** Whether a pod is of the set's template as it is now. */
  readonly isUpdated: (pod: AnyPod) => boolean;
  /** How long a pod that failed on a node is left there. */
  readonly failureWaitMs: (node: string) => number;
  readonly nowMs: number;
}

/** A pod that is to be deleted; with its node when its end is the reason, which is told. */
export interface Removal {
  readonly pod: AnyPod;
  readonly overOn?: string;
}

export interface DaemonChanges {
  /** Nodes that get a pod. */
  readonly creations: readonly string[];
  readonly removals: readonly Removal[];
  /** When to look again, where something is put off. */
  readonly againMs?: number;
}

/**
 * What is to be done next: each node that should has one pod and no other node has any; then the pods of an
 * older template are replaced.
 *
 * Source: kubernetes.io, DaemonSet, "How Daemon Pods are scheduled"; "Perform a Rolling Update on a DaemonSet".
 */
export function nextChanges(state: DaemonState): DaemonChanges {
  const kept = keepOnNodes(state);
  if (kept.creations.length > 0 || kept.removals.length > 0) return kept;
  if (state.set.spec?.updateStrategy?.type === 'OnDelete') return kept;
  return { ...kept, ...replaceOld(state) };
}

function keepOnNodes(state: DaemonState): DaemonChanges {
  const outcomes = state.nodes.map((node) => keepOnNode(state, node));
  const waits = outcomes.flatMap(({ againMs }) => againMs ?? []);
  return {
    creations: outcomes.flatMap(({ creations }) => creations),
    removals: [
      ...outcomes.flatMap(({ removals }) => removals),
      ...state.stray.filter((pod) => !isBeingDeleted(pod)).map((pod) => ({ pod })),
    ],
    ...(waits.length === 0 ? {} : { againMs: Math.min(...waits) }),
  };
}

function keepOnNode(state: DaemonState, node: NodeState): DaemonChanges {
  const { name, pods, shouldRun, mayStay } = node;
  const staying = pods.filter((pod) => !isBeingDeleted(pod));
  if (shouldRun && pods.length === 0) return { creations: [name], removals: [] };
  if (!mayStay) return { creations: [], removals: staying.map((pod) => ({ pod })) };
  const waitMs = state.failureWaitMs(name);
  const isPutOff = (pod: AnyPod): boolean => pod.status?.phase === 'Failed' && waitMs > 0;
  const over = staying.filter(isPodOver);
  const running = inOrder(staying.filter((pod) => !isPodOver(pod)));
  const isNeeded = allowsSurge(state.set) && shouldRun && running.length === 0;
  return {
    creations: isNeeded ? [name] : [],
    removals: [
      ...over.filter((pod) => !isPutOff(pod)).map((pod) => ({ pod, overOn: name })),
      ...superfluous(state, running).map((pod) => ({ pod })),
    ],
    ...(over.some(isPutOff) ? { againMs: waitMs } : {}),
  };
}

/** Of the running pods of a node, those that are too many. */
function superfluous(state: DaemonState, running: readonly AnyPod[]): readonly AnyPod[] {
  if (!allowsSurge(state.set)) return running.slice(1);
  if (running.length <= 1) return [];
  const updated = running.filter(state.isUpdated);
  const old = running.filter((pod) => !state.isUpdated(pod));
  const [oldOne, ...otherOld] = old;
  const [newOne, ...otherNew] = updated;
  // An old pod stays for as long as it serves and the one in its place does not.
  const isReplaced =
    oldOne !== undefined &&
    newOne !== undefined &&
    (!isPodReady(oldOne) || isAvailable(state, newOne));
  return [...otherNew, ...otherOld, ...(isReplaced ? [oldOne] : [])];
}

function replaceOld(state: DaemonState): Pick<DaemonChanges, 'creations' | 'removals'> {
  const pairs = state.nodes
    .filter(({ shouldRun, pods }) => shouldRun || pods.length > 0)
    .map((node) => ({ node, ...pairOf(state, node) }));
  const { maxSurge, maxUnavailable } = boundsOf(state);
  return maxSurge === 0
    ? replaceInPlace(state, pairs, maxUnavailable)
    : replaceBySurge(state, pairs, maxSurge);
}

/** The old pod of a node and the one that takes its place, of those that stay. */
interface NodePair {
  readonly node: NodeState;
  readonly old?: AnyPod;
  readonly updated?: AnyPod;
}

function pairOf(state: DaemonState, { pods }: NodeState): Omit<NodePair, 'node'> {
  const staying = inOrder(pods.filter((pod) => !isBeingDeleted(pod)));
  const old = staying.find((pod) => !state.isUpdated(pod));
  const updated = staying.find(state.isUpdated);
  return {
    ...(old === undefined ? {} : { old }),
    ...(updated === undefined ? {} : { updated }),
  };
}

/** Deletes old pods, as many as may be missing; the set then has new ones made. */
function replaceInPlace(
  state: DaemonState,
  pairs: readonly NodePair[],
  maxUnavailable: number,
): Pick<DaemonChanges, 'creations' | 'removals'> {
  const isServing = (pod: AnyPod | undefined): boolean =>
    pod !== undefined && isAvailable(state, pod);
  const old = pairs.flatMap((pair) => (pair.updated === undefined ? (pair.old ?? []) : []));
  const missingCount = pairs.filter(
    ({ old: one, updated }) => !isServing(updated) && !isServing(one),
  ).length;
  const spareCount = Math.max(0, maxUnavailable - missingCount);
  const [broken, serving] = [old.filter((pod) => !isServing(pod)), old.filter(isServing)];
  const removals = [...broken, ...serving.slice(0, spareCount)].map((pod) => ({ pod }));
  return { creations: [], removals };
}

/** Makes a second pod on as many nodes as may have one; the set deletes the old one when the new one serves. */
function replaceBySurge(
  state: DaemonState,
  pairs: readonly NodePair[],
  maxSurge: number,
): Pick<DaemonChanges, 'creations' | 'removals'> {
  const isSurging = ({ old, updated }: NodePair): boolean =>
    old !== undefined && updated !== undefined && !isAvailable(state, updated);
  const alone = pairs.filter(
    ({ node, old, updated }) => node.shouldRun && old !== undefined && updated === undefined,
  );
  const isBroken = ({ old }: NodePair): boolean => old !== undefined && !isAvailable(state, old);
  const spareCount = Math.max(0, maxSurge - pairs.filter(isSurging).length);
  // Any order will do, and that of kube-controller-manager is chance.
  const serving = alone.filter((pair) => !isBroken(pair)).toReversed();
  const broken = alone.filter(isBroken);
  const creations = [...broken, ...serving.slice(0, spareCount)].map(({ node }) => node.name);
  return { creations, removals: [] };
}

/** How many nodes may be without a pod that serves, and how many may have a second one. */
export function boundsOf({ set, nodes }: Pick<DaemonState, 'set' | 'nodes'>): {
  readonly maxUnavailable: number;
  readonly maxSurge: number;
} {
  const total = nodes.filter(({ shouldRun }) => shouldRun).length;
  const rolling = set.spec?.updateStrategy?.rollingUpdate;
  const count = (amount: number | string | undefined): number =>
    countOf(amount ?? 0, { total, rounding: 'up' }) ?? 0;
  const maxSurge = count(rolling?.maxSurge);
  const maxUnavailable = count(rolling?.maxUnavailable);
  // Neither is refused by the API, yet a percentage of few nodes may come to none.
  const isStuck = maxSurge === 0 && maxUnavailable === 0;
  return { maxSurge, maxUnavailable: isStuck ? 1 : maxUnavailable };
}

function allowsSurge({ spec }: AnySet): boolean {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  return (
    type !== 'OnDelete' &&
    (countOf(rollingUpdate?.maxSurge ?? 0, { total: 1, rounding: 'up' }) ?? 0) > 0
  );
}

/** Those that are placed first, then the oldest. */
export function inOrder(pods: readonly AnyPod[]): readonly AnyPod[] {
  const isPlaced = ({ spec }: AnyPod): boolean => (spec?.nodeName ?? '') !== '';
  const placed = pods.filter(isPlaced).sort(oldestFirst);
  return [...placed, ...pods.filter((pod) => !isPlaced(pod)).sort(oldestFirst)];
}

export function isAvailable(
  { set, nowMs }: Pick<DaemonState, 'set' | 'nowMs'>,
  pod: AnyPod,
): boolean {
  return isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs);
}

import { type Clock, giveWay } from '@fairway/host';
import type { Pod } from '@fairway/kinds/core/v1';
import { type LevelVersion, textOf } from './namespace-policy.ts';
import { reasonsOf, violationsOf } from './security-standards.ts';

/** How many pods of a namespace a change of its labels looks at. */
const podsMax = 3_000;
/** How long it looks at them. */
const lookMsMax = 1_000;

interface ExistingPods {
  readonly namespace: string;
  /** Each is decoded when it is called for. */
  readonly pods: readonly (() => Pod)[];
  readonly isExempt: (pod: Pod) => boolean;
  readonly clock: Pick<Clock, 'elapsed'>;
}

/** Tells which pods a namespace has that its new level would not let in; they stay as they are. */
export async function existingPodWarnings(
  enforce: LevelVersion,
  { namespace, pods, isExempt, clock }: ExistingPods,
): Promise<readonly string[]> {
  const endMs = clock.elapsed() + lookMsMax;
  const isLate = (): boolean => clock.elapsed() >= endMs;
  const found = new Map<string, Found>();
  let heldCount = pods.length;
  let checkedCount = 0;
  for await (const pod of oneOfEachFirst(pods, isLate)) {
    if (isExempt(pod)) {
      heldCount -= 1;
      continue;
    }
    note(found, pod, enforce);
    checkedCount += 1;
    if (checkedCount >= podsMax || isLate()) break;
  }
  const warnings: string[] = [];
  if (checkedCount < heldCount) {
    const among = `${checkedCount} of ${heldCount} existing pods`;
    warnings.push(`new PodSecurity enforce level only checked against the first ${among}`);
  }
  if (found.size > 0) {
    const level = `the new PodSecurity enforce level "${textOf(enforce)}"`;
    warnings.push(`existing pods in namespace "${namespace}" violate ${level}`);
  }
  return [...warnings, ...[...found].map(describe).sort()];
}

/** One pod of each controller comes before the others of that controller, which are most likely like it. */
async function* oneOfEachFirst(
  pods: readonly (() => Pod)[],
  isLate: () => boolean,
): AsyncGenerator<Pod> {
  const later: (() => Pod)[] = [];
  const controllers = new Set<string>();
  for (const decode of pods) {
    await giveWay();
    if (isLate()) return;
    const pod = decode();
    const controller = controllerOf(pod);
    if (controller !== undefined && controllers.has(controller)) {
      later.push(decode);
      continue;
    }
    if (controller !== undefined) controllers.add(controller);
    yield pod;
  }
  for (const decode of later) {
    await giveWay();
    yield decode();
  }
}

function controllerOf({ metadata }: Pod): string | undefined {
  return metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid;
}

/** Pods that violate the same. */
interface Found {
  /** By their names. */
  readonly first: string;
  readonly count: number;
}

function note(found: Map<string, Found>, { metadata, spec }: Pod, enforce: LevelVersion): void {
  if (spec === undefined) return;
  const violations = violationsOf(enforce, { ...(metadata && { metadata }), spec });
  if (violations.length === 0) return;
  const reasons = reasonsOf(violations);
  const name = metadata?.name ?? '';
  const { first = name, count = 0 } = found.get(reasons) ?? {};
  found.set(reasons, { first: name < first ? name : first, count: count + 1 });
}

function describe([reasons, { first, count }]: readonly [string, Found]): string {
  if (count === 1) return `${first}: ${reasons}`;
  return `${first} (and ${count - 1} other ${count === 2 ? 'pod' : 'pods'}): ${reasons}`;
}

import { isNotFound } from '@fairway/client';
import type { Client } from '@fairway/client';
import type { Pod } from '@fairway/kinds/core/v1';
import { CommandError } from '../command-error.ts';

/** Which pods of a node a drain leaves alone, and which it refuses to end. */
export interface DrainRules {
  readonly ignoresDaemonSets: boolean;
  readonly deletesEmptyDirData: boolean;
  readonly isForced: boolean;
  /** Pods that have been going for longer are left alone; 0: none. */
  readonly goingMsMax: number;
}

/** What a drain has to end, and what there is to say about it before. */
export interface DrainPlan {
  readonly pods: readonly Pod[];
  readonly warnings: string;
}

type Verdict = { readonly kind: 'ends' | 'warned' | 'refused' | 'left'; readonly why: string };

/**
 * Judges the pods of a node. Errors: `CommandError` that names those that would be lost, and the flag that allows it.
 */
export async function planDrain(
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
  pods: readonly Pod[],
  rules: DrainRules,
): Promise<DrainPlan> {
  const ending: Pod[] = [];
  const warnings = new Map<string, string[]>();
  const refusals = new Map<string, string[]>();
  for (const pod of pods) {
    const verdicts = await judge({ client, signal }, pod, rules);
    if (verdicts.every(({ kind }) => kind !== 'left' && kind !== 'refused')) ending.push(pod);
    for (const { kind, why } of verdicts) {
      if (why === '') continue;
      const said = kind === 'refused' ? refusals : warnings;
      said.set(why, [...(said.get(why) ?? []), podText(pod)]);
    }
  }
  const texts = [...refusals].map(([why, names]) => `${why}: ${names.join(', ')}`);
  const [only = '', ...more] = texts;
  if (texts.length > 0) {
    throw new CommandError(more.length === 0 ? only : `[${texts.join(', ')}]`);
  }
  const said = [...warnings].map(([why, names]) => `${why}: ${names.join(', ')}`);
  return { pods: ending, warnings: said.join('; ') };
}

/** `shop/web-0` */
export function podText({ metadata }: Pod): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}

/** What speaks against ending a pod; the first that leaves it alone ends the question. */
async function judge(
  asking: { readonly client: Client; readonly signal: AbortSignal },
  pod: Pod,
  rules: DrainRules,
): Promise<readonly Verdict[]> {
  const { metadata = {}, spec, status } = pod;
  const goingSince = metadata.deletionTimestamp;
  if (rules.goingMsMax > 0 && goingSince !== undefined) {
    const goingMs = asking.client.clock.now() - Date.parse(goingSince);
    if (goingMs > rules.goingMsMax) return [{ kind: 'left', why: '' }];
  }
  // What is over has nothing to lose.
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return [];
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind === 'DaemonSet') return [await judgeDaemon(asking, pod, owner.name, rules)];
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
    return [{ kind: 'left', why: '' }];
  }
  const verdicts: Verdict[] = [];
  if (spec?.volumes?.some(({ emptyDir }) => emptyDir !== undefined) === true) {
    verdicts.push(
      rules.deletesEmptyDirData
        ? { kind: 'warned', why: 'deleting Pods with local storage' }
        : {
            kind: 'refused',
            why: 'cannot delete Pods with local storage (use --delete-emptydir-data to override)',
          },
    );
  }
  if (owner === undefined) {
    verdicts.push(
      rules.isForced
        ? { kind: 'warned', why: 'deleting Pods that declare no controller' }
        : {
            kind: 'refused',
            why: 'cannot delete Pods that declare no controller (use --force to override)',
          },
    );
  }
  return verdicts;
}

/** The set would make it anew on the same node at once. */
async function judgeDaemon(
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
  { metadata }: Pod,
  set: string,
  { ignoresDaemonSets, isForced }: DrainRules,
): Promise<Verdict> {
  const { DaemonSet } = await import('@fairway/kinds/apps/v1');
  try {
    await client.get(DaemonSet, set, { namespace: metadata?.namespace ?? '', signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return isForced
      ? { kind: 'warned', why: 'deleting Pods whose DaemonSet is gone' }
      : {
          kind: 'refused',
          why: 'cannot delete Pods whose DaemonSet is gone (use --force to override)',
        };
  }
  return ignoresDaemonSets
    ? { kind: 'left', why: 'ignoring DaemonSet-managed Pods' }
    : {
        kind: 'refused',
        why: 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)',
      };
}

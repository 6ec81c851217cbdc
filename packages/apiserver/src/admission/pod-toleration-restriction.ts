import { qosClassOf } from '@fairway/kind-rules/pods';
import type { Pod, Toleration } from '@fairway/kinds/core/v1';
import { ApiError, failureOf } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import { covers, mergeTolerations } from './merge-tolerations.ts';
import { requireNamespace } from './require-namespace.ts';

/** What holds for namespaces without annotations. */
export interface PodTolerations {
  readonly default: readonly Toleration[];
  /** Empty: anything may be tolerated. */
  readonly whitelist: readonly Toleration[];
}

const annotations = {
  default: 'scheduler.alpha.kubernetes.io/defaultTolerations',
  whitelist: 'scheduler.alpha.kubernetes.io/tolerationsWhitelist',
} as const;

/**
 * Gives pods the tolerations of their namespace, and holds them to those that it allows. Source: Kubernetes
 * admission, PodTolerationRestriction.
 */
export function podTolerationRestriction(
  cluster: Pick<ClusterReader, 'find'>,
  byDefault: PodTolerations = { default: [], whitelist: [] },
): AdmissionPlugin<Pod> {
  const of = async (
    name: string,
    list: keyof typeof annotations,
  ): Promise<readonly Toleration[]> => {
    const { metadata } = await requireNamespace(cluster, name);
    const text = metadata?.annotations?.[annotations[list]] ?? '';
    return text === '' ? byDefault[list] : readTolerations(text);
  };
  return {
    name: 'PodTolerationRestriction',
    operations: ['CREATE', 'UPDATE'],
    resources: ['/pods'],
    async admit({ draft, namespace, operation }) {
      if (draft === undefined) return;
      draft.spec ??= {};
      const own = (draft.spec.tolerations ?? []) as readonly Toleration[];
      const given = operation === 'CREATE' ? await of(namespace, 'default') : [];
      const merged =
        own.length === 0 || given.length === 0
          ? [...given, ...own]
          : mergeTolerations([...given, ...own]);
      // As the DaemonSet controller does: memory pressure ends pods without requests first.
      const all =
        qosClassOf(draft.spec) === 'BestEffort'
          ? merged
          : mergeTolerations([...merged, memoryPressure]);
      if (all.length > 0) draft.spec.tolerations = [...all];
    },
    async validate({ object, namespace }) {
      const tolerations = object?.spec?.tolerations ?? [];
      if (tolerations.length === 0) return;
      const allowed = await of(namespace, 'whitelist');
      if (allowed.length === 0) return;
      if (tolerations.every((each) => allowed.some((one) => covers(one, each)))) return;
      throw plain(
        'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
      );
    },
  };
}

const memoryPressure = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
} as const;

function readTolerations(text: string): readonly Toleration[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw plain(`${(cause as Error).message}`);
  }
  if (Array.isArray(read)) return read as readonly Toleration[];
  throw plain('json: cannot unmarshal object into Go value of type []v1.Toleration');
}

/** A failure that a kube-apiserver tells without a reason. */
function plain(message: string): ApiError {
  return new ApiError(failureOf({ message }, 500));
}

import { createHash } from 'node:crypto';
import { allKindRules } from '@fairway/kind-rules';
import { mirrorAnnotation, podReferenceInWords, qosClassOf } from '@fairway/kind-rules/pods';
import type { Pod } from '@fairway/kinds/core/v1';
import { type DeepReadonly, fieldErrorText, isJsonObject } from '@fairway/protocol';

/** Source: Kubernetes, Well-known annotations; a kubelet's `pkg/kubelet/types`. */
export const configAnnotation = {
  source: 'kubernetes.io/config.source',
  hash: 'kubernetes.io/config.hash',
  seen: 'kubernetes.io/config.seen',
} as const;

/** A pod that a node runs because a file on it says so. */
export type StaticPod = DeepReadonly<Pod>;

export type ParsedStaticPod =
  | { readonly kind: 'pod'; readonly pod: StaticPod }
  | { readonly kind: 'problem'; readonly problem: string };

/**
 * Makes the pod of a manifest on a node: named after both, with a uid of what the manifest says, and complete as
 * the API would have made it. Source: Kubernetes documentation, "Create static Pods".
 */
export function parseStaticPod(
  manifest: unknown,
  place: { readonly file: string; readonly nodeName: string },
): ParsedStaticPod {
  if (!isJsonObject(manifest as never)) return problem('it holds something that is no object');
  const { apiVersion, kind } = manifest as Pod;
  if (apiVersion !== 'v1' || kind !== 'Pod') {
    const what = `apiVersion ${JSON.stringify(apiVersion)}, kind ${JSON.stringify(kind)}`;
    return problem(`it holds ${what}: only a Pod, of apiVersion "v1", runs from a file`);
  }
  try {
    const pod = completePod(manifest as Pod, place);
    const wrong = problemOf(pod);
    return wrong === undefined ? { kind: 'pod', pod } : problem(wrong);
  } catch (cause) {
    // Rules take for granted what the schema says, which nobody has looked at.
    if (!(cause instanceof TypeError)) throw cause;
    return problem(`a field of it is of another type than in a Pod (${cause.message})`);
  }
}

function problem(text: string): ParsedStaticPod {
  return { kind: 'problem', problem: text };
}

const rules = allKindRules.get('/pods');

function completePod(
  manifest: Pod,
  { file, nodeName }: { readonly file: string; readonly nodeName: string },
): Pod {
  const uid = createHash('sha256')
    .update(JSON.stringify([nodeName, file, manifest]))
    .digest('hex')
    .slice(0, 32);
  const { metadata, spec } = structuredClone(manifest);
  const { name = '', namespace = 'default', labels, annotations } = metadata ?? {};
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: name && `${name}-${nodeName}`,
      namespace,
      uid,
      ...(labels === undefined ? {} : { labels }),
      annotations: {
        ...annotations,
        [configAnnotation.source]: 'file',
        [configAnnotation.hash]: uid,
      },
    },
    spec: {
      ...(spec as NonNullable<Pod['spec']>),
      nodeName,
      // No taint moves it: nobody could run it elsewhere.
      tolerations: [...(spec?.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
  };
  rules?.applyDefaults?.(pod);
  return { ...pod, status: { phase: 'Pending', qosClass: qosClassOf(pod.spec ?? {}) } };
}

/** Why a node cannot run the pod; undefined: it can. */
function problemOf(pod: Pod): string | undefined {
  const { name = '', annotations } = pod.metadata ?? {};
  if (name === '') return 'it has no metadata.name';
  const badName = rules?.checkName(name, { isPrefix: false });
  if (badName !== undefined) return `metadata.name: ${JSON.stringify(name)}: ${badName}`;
  if (annotations?.[mirrorAnnotation] !== undefined) {
    return `the annotation ${mirrorAnnotation} is for the node alone to set: take it out`;
  }
  const named = podReferenceInWords(pod);
  if (named !== undefined) {
    return `static pods may not reference ${named}: they run without the API`;
  }
  const errors = [...(rules?.validate?.(pod) ?? []), ...(rules?.validateCreate?.(pod) ?? [])];
  if (errors.length === 0) return undefined;
  return errors.map(fieldErrorText).join(', ');
}

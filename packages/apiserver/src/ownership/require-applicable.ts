import {
  ApiError,
  type JsonObject,
  type KubernetesObject,
  type Schema,
  badRequest,
  failureOf,
} from '@fairway/protocol';
import { checkApplied } from '@fairway/schema';

export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/**
 * Refuses to apply what does not fit its schema, with code 500 as in Kubernetes, and what has
 * `managedFields`, with BadRequest.
 */
export function requireApplicable(
  config: JsonObject,
  expected: Kind & { readonly schema: Schema },
): void {
  const { metadata } = config as KubernetesObject;
  if ((metadata?.managedFields ?? undefined) !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const problems = checkApplied(config, expected.schema);
  if (problems.length === 0) return;
  const list = problems.length === 1 ? problems[0] : ['errors:', ...problems].join('\n  ');
  throw unreasoned(`failed to create typed patch object (${describe(config, expected)}): ${list}`);
}

/** The refusal of what leaves an object that its kind cannot be read from. */
export function cannotConvert(config: KubernetesObject, kind: Kind, why: string): Error {
  return unreasoned(
    `failed to convert new object (${describe(config, kind)}) to proper version: unable to convert unstructured object to ${kindText(kind)}: ${why}`,
  );
}

/** `a/web; apps/v1, Kind=Deployment` */
function describe({ metadata }: KubernetesObject, kind: Kind): string {
  const { name = '', namespace = '' } = metadata ?? {};
  return `${namespace}/${name}; ${kindText(kind)}`;
}

/** `apps/v1, Kind=Deployment` */
export function kindText({ group, version, kind }: Kind): string {
  return `${group}/${version}, Kind=${kind}`;
}

/** What Kubernetes answers here: the fault is the caller's, and the code says otherwise. */
function unreasoned(message: string): Error {
  return new ApiError(failureOf({ message }, 500));
}

import type { Handler } from '@fairway/protocol';

/**
 * An API of the cluster that another component answers, behind the authentication and authorization of this
 * server and in its discovery. Source: Kubernetes, API aggregation layer.
 */
export interface AggregatedApi {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly AggregatedResource[];
  /** Gets the requests for these resources that are allowed. Throws `ApiError`. */
  readonly handler: Handler;
}

export interface AggregatedResource {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  readonly verbs: readonly string[];
}

/** The one that answers for a group and version; undefined where this server does. */
export function aggregatedApiOf(
  apis: readonly AggregatedApi[],
  { group, version }: { readonly group: string; readonly version: string },
): AggregatedApi | undefined {
  return apis.find((each) => each.group === group && each.version === version);
}

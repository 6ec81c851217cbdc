import { discoveryJson } from './generated/discovery-data.ts';

/** A group of the release, its versions in order of preference. */
export interface DiscoveredGroup {
  /** Empty for the core group. */
  readonly group: string;
  readonly versions: readonly DiscoveredVersion[];
}

export interface DiscoveredVersion {
  readonly version: string;
  readonly resources: readonly DiscoveredResource[];
}

export interface DiscoveredResource {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Absent where it is not recorded. */
  readonly storageVersionHash?: string;
  readonly subresources: readonly DiscoveredSubresource[];
}

export interface DiscoveredSubresource {
  readonly name: string;
  /**
   * Always complete. On the wire, group and version are left empty where they are those of the
   * resource.
   */
  readonly responseKind: {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  };
  readonly verbs: readonly string[];
}

/** The groups a server of the release serves, in the order in which it lists them; core first. */
export function builtInDiscovery(): readonly DiscoveredGroup[] {
  const { groups } = JSON.parse(discoveryJson) as { readonly groups: readonly DiscoveredGroup[] };
  return groups;
}

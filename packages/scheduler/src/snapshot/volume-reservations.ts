/** A claim that is bound to a volume as soon as its pod goes to a node. */
export interface ClaimBinding {
  readonly claim: string;
  readonly volume: string;
}

/** What becomes of the claims of a pod that wait for it, on one node. Claims and volumes by their keys. */
export interface VolumePlan {
  readonly bind: readonly ClaimBinding[];
  /** A volume is made for these, where the node reaches it. */
  readonly provision: readonly string[];
}

/**
 * What pods that are on their way to a node have been promised: from the decision until the cluster says
 * so too, nobody else gets it.
 */
export class VolumeReservations {
  readonly #volumes = new Map<string, string>();
  readonly #nodes = new Map<string, string>();

  reserve({ bind, provision }: VolumePlan, nodeName: string): void {
    for (const { claim, volume } of bind) this.#volumes.set(volume, claim);
    for (const claim of provision) this.#nodes.set(claim, nodeName);
  }

  release({ bind, provision }: VolumePlan): void {
    for (const { volume } of bind) this.#volumes.delete(volume);
    for (const claim of provision) this.#nodes.delete(claim);
  }

  /** The claim that gets a volume. */
  claimOf(volume: string): string | undefined {
    return this.#volumes.get(volume);
  }

  /** The volume that a claim gets. */
  volumeOf(claim: string): string | undefined {
    for (const [volume, taker] of this.#volumes) if (taker === claim) return volume;
    return undefined;
  }

  /** The node for which a claim gets a volume. */
  nodeOf(claim: string): string | undefined {
    return this.#nodes.get(claim);
  }
}

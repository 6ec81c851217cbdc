import type { Client } from '@fairway/client';
import { type PodPort, type PodPorts, findPodPorts } from './find-pod-ports.ts';
import type { HostedName } from './hosted-name.ts';

/** After so long the cluster is asked again which pods are ready. */
const staleAfterMs = 10_000;

/**
 * The pod that answers for a name: always the same one while it is ready, so that an application that keeps
 * something in memory finds it again; another one when it goes.
 */
export class ReadyPods {
  readonly #client: Client;
  readonly #name: HostedName;
  #found: PodPorts;
  #foundAtMs: number;
  #current: PodPort | undefined;
  /** Not reached when it was tried last; nobody else may know yet that it is gone. */
  #avoided: PodPort | undefined;

  private constructor(client: Client, name: HostedName, found: PodPorts) {
    this.#client = client;
    this.#name = name;
    this.#found = found;
    this.#foundAtMs = client.clock.elapsed();
  }

  /** Errors: those of `findPodPorts`. */
  static async of(client: Client, name: HostedName): Promise<ReadyPods> {
    return new ReadyPods(client, name, await findPodPorts(client, name));
  }

  get scheme(): PodPorts['scheme'] {
    return this.#found.scheme;
  }

  get port(): number {
    return this.#found.port;
  }

  /** Undefined when what answers is no pod. Errors: those of `findPodPorts`. */
  async pick(): Promise<PodPort | undefined> {
    const { clock } = this.#client;
    if (clock.elapsed() - this.#foundAtMs > staleAfterMs) {
      this.#found = await findPodPorts(this.#client, this.#name);
      this.#foundAtMs = clock.elapsed();
    }
    const { ports } = this.#found;
    const others = ports.filter((each) => !isSame(each, this.#avoided));
    const usable = others.length > 0 ? others : ports;
    const current = usable.find((each) => isSame(each, this.#current));
    this.#current = current ?? usable[Math.floor(this.#client.random.fraction() * usable.length)];
    return this.#current;
  }

  /** A pod was not reached: the cluster is asked anew, and another one is taken where there is one. */
  giveUp(lost: PodPort): void {
    this.#foundAtMs = Number.NEGATIVE_INFINITY;
    this.#avoided = lost;
  }
}

function isSame(one: PodPort, other: PodPort | undefined): boolean {
  return one.name === other?.name && one.port === other.port;
}

/** A port of a service as pods reach it, and where what comes to it goes. */
export interface ServiceEntrance {
  /** Told from all others: `tcp 10.96.0.7:80`. */
  readonly key: string;
  readonly protocol: 'tcp' | 'udp';
  /** In the network of the pods; undefined: it is entered by its key only, from outside. */
  readonly place: { readonly address: string; readonly port: number } | undefined;
  /** So long a client stays with the backend that it had; undefined: each connection is on its own. */
  readonly affinitySeconds: number | undefined;
  /** None: who comes is refused. */
  readonly backends: readonly EntranceBackend[];
}

export interface EntranceBackend {
  readonly address: string;
  readonly port: number;
  /** It is no pod of this node: the machine leads there. */
  readonly isOutside: boolean;
}

/** What is different from what was told before. */
export interface EntranceChange {
  /** Whatever was told before and is not in it is gone. */
  readonly isWhole: boolean;
  readonly set: readonly ServiceEntrance[];
  readonly gone: readonly string[];
}

/** One line of JSON, the first one on a connection to the program of the network. */
export type NetworkRequest =
  /** After the answer comes nothing, until the program ends. */
  | { readonly kind: 'watch' }
  /** Then come lines, each an `EntranceChange`, which is answered once it holds. */
  | { readonly kind: 'entrances' }
  /** After the answer come the bytes of the backend that was chosen, both ways. */
  | { readonly kind: 'enter'; readonly key: string; readonly client: string };

/** Which of the entrances of a change cannot be had, and why: an address that somebody has already. */
export interface EntranceProblem {
  readonly key: string;
  readonly message: string;
}

/** One line of JSON. */
export interface EntrancesAnswer {
  readonly problems: readonly EntranceProblem[];
}

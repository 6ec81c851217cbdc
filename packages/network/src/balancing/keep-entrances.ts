import type { Duplex } from 'node:stream';
import type { Clock, Logger, Random } from '@fairway/host';
import {
  type Informers,
  type Requeue,
  ToldKeys,
  requeueAfter,
  runReconcileLoop,
} from '@fairway/reconcile';
import { tableKey } from '../nftables/keep-table.ts';
import { followServicePorts } from '../service-rules/follow-service-ports.ts';
import type { ServingNode } from '../service-rules/service-port.ts';
import { type EntranceChange, entranceChange } from './entrance-change.ts';
import { NodePorts } from './node-ports.ts';
import {
  type BalancedNetwork,
  type ServiceEntrance,
  serviceEntrances,
} from './service-entrances.ts';

/** How soon an entrance is tried again that could not be had. */
const againMs = 10_000;
/** How soon a program is looked for that has ended. */
const lookMs = 500;

/** The network of pods that are processes, whose program is the addresses of services. */
export interface EntranceDoors {
  /** Undefined while there is no such program. */
  readonly open: () => Promise<EntranceConnection | undefined>;
  /** A connection to a backend of an entrance. Errors: throws when there is none. */
  readonly enter: (key: string, client: string) => Promise<Duplex>;
}

/** As long as it is open, what was told holds. */
export interface EntranceConnection extends Disposable {
  readonly closed: Promise<void>;
  /** Resolves with what cannot be had of it, and why. Errors: throws when the program is gone. */
  change(change: EntranceChange): Promise<readonly EntranceProblem[]>;
}

export interface EntranceProblem {
  readonly key: string;
  readonly message: string;
}

export interface EntrancesParts extends BalancedNetwork {
  readonly informers: Informers;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly node: Pick<ServingNode, 'name' | 'addresses'>;
  readonly doors: EntranceDoors;
  /** Of this machine, where node ports are. */
  readonly nodePortAddress: string;
}

/**
 * Has the program of a network be the addresses of services, and this process their node ports, until the signal
 * aborts. The program goes on with what it was told last.
 */
export async function keepEntrances(parts: EntrancesParts, signal: AbortSignal): Promise<void> {
  const { informers, clock, random, logger, node } = parts;
  const ports = followServicePorts(informers, node);
  const lost = new ToldKeys('program of the network');
  const keeper = new EntrancesKeeper(parts, () => lost.tell(tableKey));
  const sources = [...ports.sources, lost];
  const reconcile = (): Promise<Requeue | undefined> =>
    keeper.keep(serviceEntrances(ports.now(), parts));
  const loop = { name: 'service addresses', clock, random, logger, sources, reconcile };
  try {
    await runReconcileLoop({ ...loop, firstKeys: [tableKey] }, signal);
  } finally {
    await keeper.close();
  }
}

class EntrancesKeeper {
  readonly #parts: EntrancesParts;
  readonly #onLost: () => void;
  readonly #nodePorts: NodePorts;
  #connection: EntranceConnection | undefined;
  /** What the program at the other end of the connection holds; undefined: nobody knows. */
  #told: ReadonlyMap<string, ServiceEntrance> | undefined;
  #isClosed = false;

  constructor(parts: EntrancesParts, onLost: () => void) {
    this.#parts = parts;
    this.#onLost = onLost;
    this.#nodePorts = new NodePorts(parts.nodePortAddress, parts.doors, parts.logger);
  }

  async keep(wanted: ReadonlyMap<string, ServiceEntrance>): Promise<Requeue | undefined> {
    const connection = this.#connection ?? (await this.#connect());
    if (connection === undefined) return requeueAfter(lookMs);
    const change = entranceChange(this.#told, wanted);
    // Until it is through nobody knows what holds.
    this.#told = undefined;
    const isNew = change.isWhole || change.set.length + change.gone.length > 0;
    const problems = isNew ? await connection.change(change) : [];
    this.#warn(problems);
    const failed = new Set(problems.map(({ key }) => key));
    this.#told = new Map([...wanted].filter(([key]) => !failed.has(key)));
    const isWhole = await this.#nodePorts.keep(wanted);
    return isWhole && failed.size === 0 ? undefined : requeueAfter(againMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#connection?.[Symbol.dispose]();
    await this.#nodePorts.close();
  }

  async #connect(): Promise<EntranceConnection | undefined> {
    const connection = await this.#parts.doors.open();
    if (connection === undefined) return undefined;
    this.#connection = connection;
    this.#told = undefined;
    void connection.closed.then(() => {
      this.#connection = undefined;
      if (!this.#isClosed) this.#onLost();
    });
    return connection;
  }

  /** One line, however many there are. */
  #warn(problems: readonly EntranceProblem[]): void {
    const [first] = problems;
    if (first === undefined) return;
    const fields = { count: problems.length, first: first.key, why: first.message };
    this.#parts.logger.warn('pods do not find some services, which is tried again', fields);
  }
}

import type { Socket } from 'node:net';
import { errorMessage } from '../error-message.ts';
import { BackendChoice, type ChoiceDoors } from './backend-choice.ts';
import type { HeldEntrance, OpenEntrance } from './held-entrance.ts';
import { reachBackend } from './reach-backend.ts';
import type { EntranceChange, EntranceProblem, ServiceEntrance } from './service-entrance.ts';
import { openTcpEntrance } from './tcp-entrance.ts';
import { type UdpDoors, openUdpEntrance } from './udp-entrance.ts';

interface Entered extends HeldEntrance {
  /** Undefined: nobody may come in, or only from outside. */
  open: OpenEntrance | undefined;
}

/** All entrances of services into a network, as they were told last. */
export class ServiceEntrances {
  readonly #doors: ChoiceDoors & UdpDoors;
  readonly #entrances = new Map<string, Entered>();

  constructor(doors: ChoiceDoors & UdpDoors) {
    this.#doors = doors;
  }

  /** Holds a change, but for what it answers. */
  async change({ isWhole, set, gone }: EntranceChange): Promise<readonly EntranceProblem[]> {
    const kept = new Set(set.map(({ key }) => key));
    const ended = isWhole ? [...this.#entrances.keys()].filter((key) => !kept.has(key)) : gone;
    for (const key of ended) {
      await this.#shut(this.#entrances.get(key));
      this.#entrances.delete(key);
    }
    const outcomes = await Promise.all(set.map((each) => this.#set(each)));
    return outcomes.flatMap((problem) => problem ?? []);
  }

  /** A connection to one of the backends of an entrance. Errors: throws where there is none. */
  async enter(key: string, client: string): Promise<Socket> {
    const held = this.#entrances.get(key);
    if (held === undefined) throw new Error(`there is no service at ${key}`);
    return await reachBackend(held.now, held.choice, client);
  }

  sweep(): void {
    for (const { open } of this.#entrances.values()) open?.sweep();
  }

  async #set(entrance: ServiceEntrance): Promise<EntranceProblem | undefined> {
    const { key, place, protocol, backends } = entrance;
    const held: Entered = this.#entrances.get(key) ?? {
      now: entrance,
      choice: new BackendChoice(this.#doors),
      open: undefined,
    };
    this.#entrances.set(key, held);
    held.now = entrance;
    try {
      if (backends.length === 0 || place === undefined) await this.#shut(held);
      else if (held.open !== undefined) held.open.sweep();
      else if (protocol === 'tcp') held.open = await openTcpEntrance(held, place);
      else held.open = await openUdpEntrance(held, place, this.#doors);
      return undefined;
    } catch (error) {
      return { key, message: errorMessage(error) };
    }
  }

  async #shut(held: Entered | undefined): Promise<void> {
    if (held?.open === undefined) return;
    const { open } = held;
    held.open = undefined;
    await open[Symbol.asyncDispose]();
  }
}

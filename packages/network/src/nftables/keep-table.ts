import type { Clock, Logger, Random } from '@fairway/host';
import {
  type ReconcileSource,
  type Requeue,
  requeueAfter,
  runReconcileLoop,
} from '@fairway/reconcile';
import type { Nft } from './nft.ts';
import type { Ruleset } from './ruleset.ts';
import { type NftTable, changeScript, fullScript } from './table-script.ts';

/** How soon rules are there again that somebody else has taken away. */
const lookEveryMs = 10_000;

/** What it takes to keep a table. */
export interface TableDoors {
  readonly nft: Nft;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A table and what is to be in it. */
export interface KeptTable {
  readonly table: NftTable;
  /** What the rules are about: `services`. */
  readonly about: string;
  readonly sources: readonly ReconcileSource[];
  /** What is to hold now. */
  readonly wanted: () => Ruleset;
  /** What was wanted last holds. */
  readonly onApplied?: () => void;
}

/**
 * Has a table of nftables hold what is wanted, until the signal aborts. The table stays as it is then: programs
 * that still run go on with it.
 */
export async function keepTable(
  kept: KeptTable,
  doors: TableDoors,
  signal: AbortSignal,
): Promise<void> {
  const { about, sources } = kept;
  const { clock, random, logger } = doors;
  const keeper = new TableKeeper(kept, doors);
  const name = `rules of ${about}`;
  const reconcile = (): Promise<Requeue> => keeper.keep();
  const loop = { name, clock, random, logger, sources, firstKeys: [tableKey], reconcile };
  await runReconcileLoop(loop, signal);
}

/** The one key of its loop: a table is brought up to date as a whole. */
export const tableKey = 'table';

class TableKeeper {
  readonly #kept: KeptTable;
  readonly #doors: TableDoors;
  /** What the table holds; undefined: nobody knows. */
  #applied: Ruleset | undefined;
  #lookedMs = 0;

  constructor(kept: KeptTable, doors: TableDoors) {
    this.#kept = kept;
    this.#doors = doors;
  }

  async keep(): Promise<Requeue> {
    const { table, about, wanted, onApplied } = this.#kept;
    const { nft, clock, logger } = this.#doors;
    if (clock.elapsed() - this.#lookedMs >= lookEveryMs) {
      this.#lookedMs = clock.elapsed();
      if (this.#applied !== undefined && !(await nft.hasTable(table.name))) {
        logger.warn(`the rules of ${about} were taken away, and are put back`, {
          table: table.name,
        });
        this.#applied = undefined;
      }
    }
    const after = wanted();
    const before = this.#applied;
    const script =
      before === undefined ? fullScript(table, after) : changeScript(table, before, after);
    // Until it is through nobody knows what holds.
    this.#applied = undefined;
    if (script !== '') await nft.apply(script);
    this.#applied = after;
    onApplied?.();
    return requeueAfter(lookEveryMs);
  }
}

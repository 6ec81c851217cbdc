import { type Clock, type Logger, type Random, sleep } from '@fairway/host';
import {
  type ReconcileSource,
  type Requeue,
  ToldKeys,
  requeueAfter,
  runReconcileLoop,
} from '@fairway/reconcile';
import { ForeignChanges } from './foreign-changes.ts';
import type { Nft } from './nft.ts';
import type { Ruleset } from './ruleset.ts';
import { type NftTable, changeScript, fullScript, markScript } from './table-script.ts';

/** How soon rules are there again that somebody else has taken away. */
const lookEveryMs = 10_000;
/** How long whoever changes a table may go on before it is put back. */
const restoreDelayMs = 200;
/** Of transactions of which `nft monitor` does not tell, as where it does not run; the oldest are forgotten. */
const marksMax = 64;

/** The one key of its loop: a table is brought up to date as a whole. */
export const tableKey = 'table';

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
  const stopping = new AbortController();
  const both = AbortSignal.any([signal, stopping.signal]);
  const keeper = new TableKeeper(kept, doors);
  const name = `rules of ${about}`;
  const reconcile = (): Promise<Requeue> => keeper.keep();
  const changes = watchedChanges(keeper, doors, both);
  const all = [...sources, changes.source];
  const loop = { name, clock, random, logger, sources: all, firstKeys: [tableKey], reconcile };
  try {
    await runReconcileLoop(loop, signal);
  } finally {
    stopping.abort();
    await changes.ended;
  }
}

/** Calls for a look at a table whenever somebody else has changed it. */
function watchedChanges(
  keeper: TableKeeper,
  { nft, clock, logger }: TableDoors,
  signal: AbortSignal,
): { readonly source: ReconcileSource; readonly ended: Promise<void> } {
  const source = new ToldKeys('changes of the table');
  const changes = keeper.foreignChanges(() => source.tell(tableKey, restoreDelayMs));
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      await nft
        .watch((chunk) => changes.take(chunk), signal)
        .catch((error: unknown) => {
          if (!signal.aborted) logger.debug('changes of rules are not watched', { error });
        });
      await sleep(clock, lookEveryMs, signal).catch(() => undefined);
    }
  };
  return { source, ended: watch() };
}

class TableKeeper {
  readonly #kept: KeptTable;
  readonly #doors: TableDoors;
  /** What the table holds; undefined: nobody knows. */
  #applied: Ruleset | undefined;
  #lookedMs = 0;
  #isForeign = false;
  /** Of transactions that `nft monitor` has not told of. */
  readonly #marks = new Set<number>();

  constructor(kept: KeptTable, doors: TableDoors) {
    this.#kept = kept;
    this.#doors = doors;
  }

  foreignChanges(onChange: () => void): ForeignChanges {
    return new ForeignChanges(this.#kept.table.name, {
      isOwn: (mark) => this.#marks.delete(mark),
      onChange: () => {
        this.#isForeign = true;
        onChange();
      },
    });
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
    if (this.#isForeign) {
      this.#isForeign = false;
      logger.warn(`somebody else has changed the rules of ${about}, which are put back`, {
        table: table.name,
      });
      this.#applied = undefined;
    }
    const after = wanted();
    const before = this.#applied;
    const script =
      before === undefined ? fullScript(table, after) : changeScript(table, before, after);
    // Until it is through nobody knows what holds.
    this.#applied = undefined;
    if (script !== '') await nft.apply(script + markScript(table, this.#mark()));
    this.#applied = after;
    onApplied?.();
    return requeueAfter(lookEveryMs);
  }

  #mark(): number {
    const mark = Buffer.from(this.#doors.random.bytes(4)).readUInt32BE();
    this.#marks.add(mark);
    for (const oldest of this.#marks) {
      if (this.#marks.size <= marksMax) break;
      this.#marks.delete(oldest);
    }
    return mark;
  }
}

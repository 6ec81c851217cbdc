/** Holds the mark of the last transaction of a table's own keeper, who knows it by that when it is told of it. */
export const appliedSet = 'applied';

/**
 * Reads what `nft monitor` prints, and calls back for each transaction that has changed a table and does not
 * carry a mark of its keeper.
 *
 * Source: nft(8), MONITOR.
 */
export class ForeignChanges {
  readonly #tableName: string;
  readonly #isOwn: (mark: number) => boolean;
  readonly #onChange: () => void;
  #rest = '';
  #isTouched = false;
  #isOwnChange = false;

  constructor(
    tableName: string,
    on: { readonly isOwn: (mark: number) => boolean; readonly onChange: () => void },
  ) {
    this.#tableName = tableName;
    this.#isOwn = on.isOwn;
    this.#onChange = on.onChange;
  }

  take(chunk: Uint8Array): void {
    const lines = (this.#rest + Buffer.from(chunk).toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line: string): void {
    if (line.startsWith('# ERROR')) {
      // Some of it was lost, which may have been the mark: the next look at the table has to do.
      this.#isOwnChange = true;
    } else if (line.startsWith('# new generation')) {
      if (this.#isTouched && !this.#isOwnChange) this.#onChange();
      this.#isTouched = false;
      this.#isOwnChange = false;
    } else {
      const [, verb, name, set, mark] =
        /^(\w+) \w+ ip (\S+)(?: (\S+) \{ (\w+) \})?/.exec(line) ?? [];
      if (name !== this.#tableName) return;
      this.#isTouched = true;
      const isMark = verb === 'add' && set === appliedSet;
      if (isMark && this.#isOwn(Number(mark))) this.#isOwnChange = true;
    }
  }
}

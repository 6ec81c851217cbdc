/** Between two columns. */
const gap = 3;
const widthMin = 6;

/** Puts texts below each other, as kubectl does. Columns never get narrower. */
export class ColumnWidths {
  readonly #widths: number[] = [];

  /** One line for each row of texts. */
  align(rows: readonly (readonly string[])[]): string {
    for (const row of rows) this.#measure(row);
    return rows.map((row) => this.#format(row)).join('');
  }

  #measure(row: readonly string[]): void {
    for (const [index, text] of row.entries()) {
      const width = Math.max(widthMin, text.length + gap);
      this.#widths[index] = Math.max(this.#widths[index] ?? 0, width);
    }
  }

  #format(row: readonly string[]): string {
    const cells = row.map((text, index) =>
      index === row.length - 1 ? text : text.padEnd(this.#widths[index] ?? 0),
    );
    return `${cells.join('')}\n`;
  }
}

/**
 * A list of rows of numbers of bounded length: pushing onto a full one forgets the oldest. All its memory is
 * taken at once and a row is no object, so thousands of lists stay as large as they began.
 */
export class NumberRing<Column extends string> {
  private readonly columns: readonly Column[];
  private readonly numbers: Float64Array;
  private readonly capacity: number;
  private pushed = 0;

  constructor(columns: readonly Column[], capacity: number) {
    this.columns = columns;
    this.capacity = capacity;
    this.numbers = new Float64Array(columns.length * capacity);
  }

  push(row: Readonly<Record<Column, number>>): void {
    let at = (this.pushed % this.capacity) * this.columns.length;
    for (const column of this.columns) this.numbers[at++] = row[column];
    this.pushed += 1;
  }

  /** Oldest first. */
  *[Symbol.iterator](): IterableIterator<Record<Column, number>> {
    for (let each = Math.max(0, this.pushed - this.capacity); each < this.pushed; each += 1) {
      let at = (each % this.capacity) * this.columns.length;
      const row = {} as Record<Column, number>;
      for (const column of this.columns) row[column] = this.numbers[at++] ?? Number.NaN;
      yield row;
    }
  }
}

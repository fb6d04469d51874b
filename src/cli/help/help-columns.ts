// How wide the help is laid out. Pure.

const withoutTerminal = 80;
/** Longer lines are hard to read. */
const most = 100;

/** `columns`: of the terminal that it is printed to; undefined without one, 0 where it does not know. */
export function helpColumns(columns: number | undefined): number {
  return Math.min(most, columns !== undefined && columns > 0 ? columns : withoutTerminal);
}

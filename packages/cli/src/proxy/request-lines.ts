import type { Output } from '../output/output.ts';

/** Lines that wait for a reader of the error output who is slow; those after them are left out, and counted. */
const linesWaitingMax = 10_000;

/** Writes lines without waiting for them, and without keeping more than so many. */
export function requestLines({ writeError }: Pick<Output, 'writeError'>): (line: string) => void {
  let waiting = 0;
  let leftOut = 0;
  return (line) => {
    if (waiting >= linesWaitingMax) {
      leftOut += 1;
      return;
    }
    const text = leftOut === 0 ? line : `${leftOut} requests are not told of\n${line}`;
    leftOut = 0;
    waiting += 1;
    void writeError(text).finally(() => (waiting -= 1));
  };
}

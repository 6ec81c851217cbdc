import { setFlagsFromString } from 'node:v8';

/**
 * Lets every regular expression of this process that backtracks too often go on in time that is
 * linear in the text, as far as V8 can: expressions that users bring were written for such engines.
 *
 * Patterns with look-around, back references or large counts are left as they are.
 */
export function boundBacktracking(): void {
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
}

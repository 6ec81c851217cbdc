/**
 * Where a command prints. Text for a terminal is stripped of control characters except line breaks
 * and tabs; files and pipes get every byte. All resolve when there is room for more.
 */
export interface Output {
  write(text: string | Uint8Array): Promise<void>;
  writeError(text: string): Promise<void>;
  /** Writes text with styles of our own; what others say in it must be `visibleText`. */
  writeStyled(text: string): Promise<void>;
  /** Prints what a program elsewhere prints, to the byte, on a terminal too: it steers it as it likes. */
  passOn(where: 'out' | 'err', bytes: Uint8Array): Promise<void>;
  /** True when colours and bold type show. */
  readonly hasColors: boolean;
}

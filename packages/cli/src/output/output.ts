/** Where a command prints. Both resolve when there is room for more. */
export interface Output {
  write(text: string | Uint8Array): Promise<void>;
  writeError(text: string): Promise<void>;
  /** True when a person reads what is written. */
  readonly isTerminal: boolean;
  /** True when colours and bold type show. */
  readonly hasColors: boolean;
}

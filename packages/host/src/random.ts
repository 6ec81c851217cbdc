/** Chance as an argument, so that a test can repeat what happened. */
export interface Random {
  /** At least 0, less than 1. */
  fraction(): number;
  bytes(count: number): Uint8Array;
  /** A version 4 UUID. Source: RFC 9562. */
  uuid(): string;
}

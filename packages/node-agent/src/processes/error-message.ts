/** As `messageOf` of `@fairway/host`, for programs that import nothing of other packages. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An authenticated user. Source: authentication.k8s.io/v1 UserInfo. */
export interface UserInfo {
  readonly username: string;
  /** Distinguishes users that had the same name at different times. */
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

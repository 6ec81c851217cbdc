/**
 * Who asks, as far as it was proved. Source: authentication.k8s.io/v1 UserInfo, whose `username`
 * is `name` here.
 */
export interface UserInfo {
  readonly name: string;
  /** Empty when whoever proved the name knows none. */
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

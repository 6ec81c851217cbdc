/** Who is asking, once that is proven. Source: authentication.k8s.io/v1 UserInfo. */
export interface UserInfo {
  readonly username: string;
  /** Tells users apart that had the same name at different times. */
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What one try has brought. */
export type ProbeOutcome =
  | { readonly kind: 'success'; readonly warning?: string }
  | { readonly kind: 'failure'; readonly message: string }
  /** It could not be tried, which says nothing of the container. */
  | { readonly kind: 'error'; readonly message: string };

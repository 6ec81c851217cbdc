/** What a selector asks of one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | '=' | '!=' | 'exists' | 'absent' | '>' | '<';
  /** Ascending, none for `exists` and `absent`, exactly one for `= != > <`. */
  readonly values: readonly string[];
}

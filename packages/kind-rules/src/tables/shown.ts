/**
 * An object as a table sees it: any field may be missing, however required the schema calls it.
 * Objects are shown as they were stored, and an older release may have stored less.
 * Source: API conventions, "Optional vs. Required".
 */
export type Shown<T> = T extends readonly (infer Item)[]
  ? readonly Shown<Item>[]
  : T extends object
    ? { readonly [Field in keyof T]?: Shown<T[Field]> }
    : T;

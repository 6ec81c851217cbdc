import type { KubernetesObject } from '@fairway/protocol';

/** What else the API is told, whatever the verdict. */
interface Remarks {
  /** Shown to the caller by kubectl and others: at most some 120 characters each. */
  readonly warnings?: readonly string[];
  /** For the audit log, under the name of the webhook. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** A verdict, made by `allow`, `deny` and `changeTo`. */
export type AdmissionAnswer<T extends KubernetesObject = KubernetesObject> = Remarks &
  (
    | { readonly kind: 'allow' }
    | {
        readonly kind: 'deny';
        readonly message: string;
        readonly code?: number;
        readonly reason?: string;
      }
    | { readonly kind: 'change'; readonly object: T }
  );

/** It may be done as it is. */
export function allow(remarks: Remarks = {}): AdmissionAnswer<never> {
  return { kind: 'allow', ...remarks };
}

/**
 * It may not. The caller gets `admission webhook "NAME" denied the request: ` and the message, with 400 unless
 * another `code` from 400 on is given.
 */
export function deny(
  message: string,
  remarks: Remarks & { readonly code?: number; readonly reason?: string } = {},
): AdmissionAnswer<never> {
  return { kind: 'deny', message, ...remarks };
}

/** It may, as this object: the patch is computed from what is different. Of mutating webhooks only. */
export function changeTo<T extends KubernetesObject>(
  object: T,
  remarks: Remarks = {},
): AdmissionAnswer<T> {
  return { kind: 'change', object, ...remarks };
}

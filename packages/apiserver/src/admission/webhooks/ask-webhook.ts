import { internalError } from '@fairway/protocol';
import type { ShownRequest, Verdict } from './admission-review.ts';
import { CallFailure, denied } from './call-failure.ts';
import { callWebhook } from './call-webhook.ts';
import type { Hook } from './hooks.ts';
import type { WebhookStep } from './webhook-metrics.ts';
import { type AskParts, requireDryRun } from './webhook-request.ts';

/** How a webhook is asked, and what is made of it. */
export interface Asking<Outcome> {
  readonly type: WebhookStep;
  /** Made by `placeOf`. */
  readonly place: string;
  readonly parts: AskParts;
  /** Takes over what a webhook says that allows the request. */
  readonly take: (verdict: Verdict) => Promise<Outcome>;
}

/** In keys of the audit log, a webhook among those that are asked in a round. */
export function placeOf(round: number, index: number): string {
  return `webhook.admission.k8s.io/round_${round}_index_${index}`;
}

/**
 * Asks a webhook, and tells the caller, the audit log and the metrics what comes of it. Undefined where the
 * request may go on without the answer.
 *
 * Errors: the `ApiError` that the caller gets.
 */
export async function askWebhook<Outcome>(
  hook: Hook,
  shown: ShownRequest,
  { type, place, parts, take }: Asking<Outcome>,
): Promise<Outcome | undefined> {
  const { name, failurePolicy } = hook.webhook;
  const isMutating = type === 'admit';
  const isIgnored = (failure: unknown): boolean =>
    failure instanceof CallFailure && failurePolicy === 'Ignore';
  const about = { operation: shown.operation, type, isIgnored };
  try {
    return await parts.webhookMetrics.measure(hook, about, async () => {
      requireDryRun(hook, shown);
      const uid = parts.random.uuid();
      const verdict = await callWebhook(hook, shown, { uid, isMutating, parts });
      for (const [key, value] of Object.entries(verdict.auditAnnotations)) {
        shown.annotate(`${name}/${key}`, value);
      }
      for (const text of verdict.warnings) shown.warn(text);
      if (!verdict.isAllowed) throw denied(name, verdict.result);
      return take(verdict);
    });
  } catch (failure) {
    if (isIgnored(failure)) {
      shown.annotate(`failed-open.${isMutating ? 'mutating' : 'validating'}.${place}`, name);
      return undefined;
    }
    throw failure instanceof CallFailure
      ? internalError(failure.message, { cause: failure })
      : failure;
  }
}

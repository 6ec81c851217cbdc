import type { KubernetesObject } from '@fairway/protocol';
import type { ValidateRequest } from '../admission-plugin.ts';
import type { ShownRequest } from './admission-review.ts';
import { callWebhook } from './call-webhook.ts';
import { CallFailure, denied, internalError } from './call-failure.ts';
import type { Hook } from './hooks.ts';
import {
  type AskParts,
  isIgnored,
  requireDryRun,
  requireTime,
  shownTo,
} from './webhook-request.ts';

/**
 * Asks all webhooks that a request concerns at once, and waits for all of them; the one that refuses first is
 * told. Source: apiserver, admission/plugin/webhook/validating.
 */
export async function askValidatingWebhooks(
  hooks: readonly Hook[],
  request: ValidateRequest<KubernetesObject>,
  parts: AskParts,
): Promise<void> {
  const concerned: { readonly hook: Hook; readonly shown: ShownRequest }[] = [];
  for (const hook of hooks) {
    const shown = await shownTo(hook, request, parts);
    if (shown !== undefined) concerned.push({ hook, shown });
  }
  if (concerned.length === 0) return;
  requireTime(request);
  const refusals: unknown[] = [];
  await Promise.all(
    concerned.map(async ({ hook, shown }, index) => {
      try {
        const { operation } = request;
        const asked = {
          operation,
          type: 'validating',
          isIgnored: (each: unknown) => isIgnored(hook, each),
        } as const;
        await parts.webhookMetrics.measure(hook, asked, () => ask(hook, shown, parts));
      } catch (failure) {
        if (isIgnored(hook, failure)) {
          const key = `failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`;
          request.annotate(key, hook.webhook.name);
        } else refusals.push(failure);
      }
    }),
  );
  if (refusals.length === 0) return;
  const [first] = refusals;
  throw first instanceof CallFailure ? internalError(first.message, first) : first;
}

async function ask(hook: Hook, shown: ShownRequest, parts: AskParts): Promise<void> {
  requireDryRun(hook, shown);
  const uid = parts.random.uuid();
  const verdict = await callWebhook(hook, shown, { uid, isMutating: false, parts });
  const { name } = hook.webhook;
  for (const [key, value] of Object.entries(verdict.auditAnnotations)) {
    shown.annotate(`${name}/${key}`, value);
  }
  for (const text of verdict.warnings) shown.warn(text);
  if (!verdict.isAllowed) throw denied(name, verdict.result);
}

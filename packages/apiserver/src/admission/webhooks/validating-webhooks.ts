import type { KubernetesObject } from '@fairway/protocol';
import type { ValidateRequest } from '../admission-plugin.ts';
import type { ShownRequest } from './admission-review.ts';
import { askWebhook, placeOf } from './ask-webhook.ts';
import type { Hook } from './hooks.ts';
import { type AskParts, requireTime, shownTo } from './webhook-request.ts';

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
      const place = placeOf(0, index);
      try {
        await askWebhook(hook, shown, { type: 'validating', place, parts, take: async () => {} });
      } catch (refusal) {
        refusals.push(refusal);
      }
    }),
  );
  if (refusals.length > 0) throw refusals[0];
}

import type { KubernetesObject } from '@fairway/protocol';
import type { AdmitRequest } from '../admission-plugin.ts';
import { inVersionOf } from '../matching/in-version-of.ts';
import { putInPlace } from '../mutation/put-in-place.ts';
import { Reinvocations } from '../mutation/reinvocations.ts';
import type { ShownRequest } from './admission-review.ts';
import { type PatchParts, applyWebhookPatch } from './apply-webhook-patch.ts';
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

export interface MutatingParts extends AskParts, PatchParts {}

/**
 * Asks one webhook after the other, each about what those before it have left, and puts what comes of it in
 * the place of the draft. Source: apiserver, admission/plugin/webhook/mutating.
 */
export async function askMutatingWebhooks(
  hooks: readonly Hook[],
  request: AdmitRequest<KubernetesObject>,
  parts: MutatingParts,
): Promise<void> {
  const { draft, rounds } = request;
  const reinvocations = rounds.memoryOf('MutatingAdmissionWebhook', () => new Reinvocations());
  if (rounds.number > 0) reinvocations.beginAgain(draft);
  for (const [index, hook] of hooks.entries()) {
    const shown = await shownTo(hook, { ...request, ...(draft && { object: draft }) }, parts);
    if (shown === undefined) continue;
    if (rounds.number > 0 && !reinvocations.isDue(hook)) continue;
    requireTime(request);
    const isChanged = await askOne(hook, shown, { request, index, parts });
    if (isChanged) {
      reinvocations.noteChange();
      rounds.requireAnother();
    }
    const { reinvocationPolicy } = hook.webhook;
    reinvocations.noteAsked({ id: hook.id, reinvocationPolicy });
  }
  if (rounds.isAnotherWanted) reinvocations.noteOutcome(draft);
}

interface Asking {
  readonly request: AdmitRequest<KubernetesObject>;
  readonly index: number;
  readonly parts: MutatingParts;
}

/** Whether the draft has changed. */
async function askOne(
  hook: Hook,
  shown: ShownRequest,
  { request, index, parts }: Asking,
): Promise<boolean> {
  const { name } = hook.webhook;
  const place = `webhook.admission.k8s.io/round_${request.rounds.number}_index_${index}`;
  let mutated = false;
  try {
    const { operation } = request;
    const asked = {
      operation,
      type: 'admit',
      isIgnored: (each: unknown) => isIgnored(hook, each),
    } as const;
    mutated = await parts.webhookMetrics.measure(hook, asked, () =>
      change(hook, shown, { request, parts }),
    );
    return mutated;
  } catch (failure) {
    if (isIgnored(hook, failure)) {
      request.annotate(`failed-open.mutating.${place}`, name);
      return false;
    }
    throw failure instanceof CallFailure ? internalError(failure.message, failure) : failure;
  } finally {
    const { configuration } = hook;
    const said = JSON.stringify({ configuration, webhook: name, mutated });
    request.annotate(`mutation.${place}`, said);
  }
}

async function change(
  hook: Hook,
  shown: ShownRequest,
  { request, parts }: Pick<Asking, 'request' | 'parts'>,
): Promise<boolean> {
  requireDryRun(hook, shown);
  const uid = parts.random.uuid();
  const verdict = await callWebhook(hook, shown, { uid, isMutating: true, parts });
  const { name } = hook.webhook;
  for (const [key, value] of Object.entries(verdict.auditAnnotations)) {
    shown.annotate(`${name}/${key}`, value);
  }
  for (const text of verdict.warnings) shown.warn(text);
  if (!verdict.isAllowed) throw denied(name, verdict.result);
  const { patch, patchType = '' } = verdict;
  if (patch === undefined) return false;
  const outcome = applyWebhookPatch(shown, { webhook: name, patch, patchType }, parts);
  if (outcome === undefined) return false;
  const { resource, draft } = request;
  const object = await inVersionOf(outcome.object, { from: shown.matched, to: resource });
  if (draft !== undefined) putInPlace(draft, object);
  return outcome.isChanged;
}

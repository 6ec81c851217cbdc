import { type KubernetesObject, stringifyJson } from '@fairway/protocol';
import type { AdmitRequest } from '../admission-plugin.ts';
import { inVersionOf } from '../matching/in-version-of.ts';
import { putInPlace } from '../mutation/put-in-place.ts';
import { Reinvocations } from '../mutation/reinvocations.ts';
import type { ShownRequest, Verdict } from './admission-review.ts';
import { type PatchParts, applyWebhookPatch } from './apply-webhook-patch.ts';
import { askWebhook, placeOf } from './ask-webhook.ts';
import type { Hook } from './hooks.ts';
import { type AskParts, requireTime, shownTo } from './webhook-request.ts';

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
  const { configuration, webhook } = hook;
  const place = placeOf(request.rounds.number, index);
  let mutated = false;
  try {
    const change = (verdict: Verdict): Promise<boolean> =>
      applyVerdict(verdict, shown, { hook, place, request, parts });
    const asking = { type: 'admit', place, parts, take: change } as const;
    mutated = (await askWebhook(hook, shown, asking)) ?? false;
    return mutated;
  } finally {
    const said = JSON.stringify({ configuration, webhook: webhook.name, mutated });
    request.annotate(`mutation.${place}`, said);
  }
}

async function applyVerdict(
  { patch, patchType = '' }: Verdict,
  shown: ShownRequest,
  {
    hook: { configuration, webhook },
    place,
    request,
    parts,
  }: Omit<Asking, 'index'> & { readonly hook: Hook; readonly place: string },
): Promise<boolean> {
  if (patch === undefined) return false;
  const { name } = webhook;
  const outcome = applyWebhookPatch(shown, { webhook: name, patch, patchType }, parts);
  if (outcome === undefined) return false;
  request.annotateOfBody(`patch.${place}`, () =>
    stringifyJson({ configuration, webhook: name, patch: outcome.operations, patchType }),
  );
  const { resource, draft } = request;
  const object = await inVersionOf(outcome.object, { from: shown.matched, to: resource });
  if (draft !== undefined) putInPlace(draft, object);
  return outcome.isChanged;
}

import type { Authorizer } from '@fairway/access';
import { AdmissionEnvironments } from '@fairway/cel';
import type { Random } from '@fairway/host';
import { type KubernetesObject, forbidden } from '@fairway/protocol';
import type { ServedResource } from '../../registry/served-resource.ts';
import { AuthorizerChecks } from '../expressions/authorizer-checks.ts';
import { MatchConditions } from '../expressions/match-conditions.ts';
import { requestVariable } from '../expressions/request-variable.ts';
import { inVersionOf } from '../matching/in-version-of.ts';
import type { MatchParts, MatchedRequest } from '../matching/request-matcher.ts';
import type { ShownRequest } from './admission-review.ts';
import type { CallParts } from './call-webhook.ts';
import { dryRunUnsupported, notInTime } from './call-failure.ts';
import type { Hook } from './hooks.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';

export interface AskParts extends MatchParts, CallParts {
  readonly random: Random;
  readonly authorizer: Authorizer;
  readonly webhookMetrics: WebhookMetrics;
}

/**
 * The request as a webhook is to see it; undefined for one that it is not asked about.
 *
 * Errors: Forbidden `ApiError` for conditions that fail, NotFound for a namespace to be selected.
 */
export async function shownTo(
  hook: Hook,
  request: MatchedRequest,
  parts: AskParts,
): Promise<ShownRequest | undefined> {
  const matched = await hook.match(request, parts);
  if (matched === undefined) return undefined;
  const shown = { ...request, ...(await inMatchedVersion(request, matched)), matched };
  if ((hook.webhook.matchConditions ?? []).length === 0) return shown;
  const { resource, name } = request;
  const matching = await conditionsOf(hook).match({
    object: shown.object,
    oldObject: shown.stored,
    request: requestVariable(request, matched),
    checks: new AuthorizerChecks(parts.authorizer, request),
  });
  if (matching.kind !== 'failed') return matching.kind === 'matched' ? shown : undefined;
  if (hook.webhook.failurePolicy === 'Ignore') return undefined;
  throw forbidden({ ...resource, name }, matching.why);
}

/** Compiled when the first request is matched. */
const compiled = new WeakMap<Hook, MatchConditions>();

function conditionsOf(hook: Hook): MatchConditions {
  const known = compiled.get(hook);
  if (known !== undefined) return known;
  const { matchConditions = [] } = hook.webhook;
  const conditions = new MatchConditions(matchConditions, new AdmissionEnvironments());
  compiled.set(hook, conditions);
  return conditions;
}

async function inMatchedVersion(
  { object, stored, resource }: MatchedRequest,
  matched: ServedResource,
): Promise<Pick<MatchedRequest, 'object' | 'stored'>> {
  const between = { from: resource, to: matched };
  const shown = async (each: KubernetesObject | undefined) =>
    each === undefined ? undefined : inVersionOf(each, between);
  const [now, before] = [await shown(object), await shown(stored)];
  return {
    ...(now === undefined ? {} : { object: now }),
    ...(before === undefined ? {} : { stored: before }),
  };
}

/** Errors: BadRequest `ApiError` for a webhook that might not leave things as they are. */
export function requireDryRun({ webhook }: Hook, { options }: MatchedRequest): void {
  if (options.dryRun === undefined) return;
  const { name, sideEffects } = webhook;
  if (sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') throw dryRunUnsupported(name);
}

/** Errors: Timeout `ApiError` once the request is over. */
export function requireTime({ signal }: MatchedRequest): void {
  if (signal.aborted) throw notInTime();
}

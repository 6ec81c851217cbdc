import { isPodOver, isPodReady, withPodCondition } from '@fairway/kind-rules/pods';
import type { Pod } from '@fairway/kinds/core/v1';
import type { Eviction } from '@fairway/kinds/policy/v1';
import {
  type DeleteOptions,
  type HttpResponse,
  badRequest,
  equalsJson,
  formatTime,
  notFound,
  parseDeleteOptions,
} from '@fairway/protocol';
import { AdmissionChain } from '../admission/admission-chain.ts';
import type { Call } from '../calls/call.ts';
import { unless } from '../calls/call-api.ts';
import { builtInKind } from '../content/expected-object.ts';
import { changeStored } from '../objects/change-stored.ts';
import { type Deletion, checkPreconditions, deleteObject } from '../objects/delete-object.ts';
import { createdStatus, readAction } from './action.ts';
import {
  type BudgetParts,
  budgetOf,
  letsUnhealthyGo,
  spendBudget,
  stillProcessed,
} from './disruption-budget.ts';

const attemptsMax = 20;

/**
 * Answers `POST` on `pods/NAME/eviction`: deletes the pod when its disruption budget lets it go.
 * Source: Kubernetes, "API-initiated eviction".
 */
export async function evictPod(call: Call<BudgetParts>): Promise<HttpResponse> {
  const { target, resource, parts } = call;
  const options = await readEviction(call);
  for (let attempt = 1; ; attempt++) {
    const pod = await parts.cluster.find<Pod>('', 'pods', target);
    if (pod === undefined) throw notFound({ ...resource, name: target.name });
    if (!isFree(pod)) {
      await evictWithinBudget(call, pod, options);
      return createdStatus(call);
    }
    const isSettled = isPodOver(pod) || pod.metadata?.deletionTimestamp !== undefined;
    // One that waits may become ready meanwhile, and count.
    const deleted = carryOut(call, isSettled ? options : asSeen(pod, options));
    const isLast = attempt >= attemptsMax || hasVersion(options);
    if (await (isLast ? deleted : unless('Conflict', deleted))) return createdStatus(call);
  }
}

/** How the pod is to be deleted. */
async function readEviction(call: Call<BudgetParts>): Promise<DeleteOptions> {
  const { target, parts } = call;
  const expected = builtInKind(parts, {
    group: 'policy',
    version: 'v1',
    earlierVersions: ['v1beta1'],
    kind: 'Eviction',
  });
  const { object, options, admission } = await readAction(call, expected, target.name);
  if (object.metadata.name !== target.name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const { deleteOptions = {} } = object as Eviction;
  const read = parseDeleteOptions({ query: '', body: deleteOptions });
  const { dryRun = read.dryRun } = options;
  if (read.dryRun !== undefined && !equalsJson(dryRun, read.dryRun)) {
    const [asked, sent] = [dryRun, read.dryRun].map((each) => `[${each?.join(' ')}]`);
    throw badRequest(`Non-matching dry-run options in request and content: ${asked} and ${sent}`);
  }
  await parts.admission.validate({ ...admission, object });
  return { ...read, ...(dryRun === undefined ? {} : { dryRun }) };
}

/** Whether a pod serves nobody, or is going already, so that no budget guards it. */
function isFree(pod: Pod): boolean {
  const { metadata, status } = pod;
  return isPodOver(pod) || status?.phase === 'Pending' || metadata?.deletionTimestamp !== undefined;
}

async function evictWithinBudget(
  call: Call<BudgetParts>,
  pod: Pod,
  options: DeleteOptions,
): Promise<void> {
  const budget = await budgetOf(call, pod);
  if (budget === undefined || isPodReady(pod) || !letsUnhealthyGo(budget)) {
    if (budget !== undefined)
      await spendBudget(call, budget, { isDryRun: options.dryRun !== undefined });
    await carryOut(call, options);
    return;
  }
  // It does not count, as long as it stays as it was seen.
  const deleted = carryOut(call, asSeen(pod, options));
  if (hasVersion(options)) await deleted;
  else if (!(await unless('Conflict', deleted))) throw stillProcessed(budget);
}

/** Notes on the pod why it goes, then deletes it. Errors: Conflict `ApiError` for preconditions. */
async function carryOut(call: Call<BudgetParts>, options: DeleteOptions): Promise<Deletion> {
  const { target, parts } = call;
  // Admission has been asked about the eviction.
  const admitted = { ...call, parts: { ...parts, admission: new AdmissionChain([]) } };
  if (options.dryRun !== undefined) return deleteObject(admitted, target, options);
  const evicted = await changeStored(call, {
    name: target.name,
    isDryRun: false,
    change: (draft) => {
      checkPreconditions(call, draft, options);
      const time = formatTime(parts.clock.now());
      draft['status'] = withPodCondition((draft as Pod).status, evicting, time);
    },
  });
  return deleteObject(admitted, target, hasVersion(options) ? asSeen(evicted, options) : options);
}

const evicting = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'EvictionByEvictionAPI',
  message: 'Eviction API: evicting',
};

function hasVersion({ preconditions }: DeleteOptions): boolean {
  return Boolean(preconditions?.resourceVersion);
}

/** Deletes this version of the pod, unless the caller has asked for one. */
function asSeen({ metadata }: Pod, options: DeleteOptions): DeleteOptions {
  const { resourceVersion = '' } = metadata ?? {};
  return { ...options, preconditions: { ...options.preconditions, resourceVersion } };
}

import { LimitRange, Namespace, ResourceQuota } from '@fairway/kinds/core/v1';
import { type Answer, describerOf } from '../describer.ts';
import { type Lines, field, lines } from '../lines.ts';
import { annotationLines, labelLines } from '../metadata-lines.ts';
import { datedConditionLines } from './condition-lines.ts';
import { allLimitLines, allQuotaLines } from './quotas.ts';

/** Describes a namespace, with its quotas and limits. */
export const namespace = describerOf({
  resource: Namespace,
  events: 'none',
  questions: ({ metadata }) => ({
    quotas: { list: ResourceQuota, namespace: metadata?.name ?? '' },
    limits: { list: LimitRange, namespace: metadata?.name ?? '' },
  }),
  describe: ({ metadata, status }, { quotas, limits }, moment) =>
    lines(
      field('Name', metadata?.name ?? ''),
      labelLines('Labels', metadata?.labels),
      annotationLines(metadata?.annotations),
      field('Status', status?.phase ?? ''),
      datedConditionLines(status?.conditions, moment),
      ifServed(quotas, allQuotaLines),
      ifServed(limits, allLimitLines),
    ),
});

/** A server without such objects has nothing to tell of. Errors: any other refusal. */
function ifServed<T>(answer: Answer<T>, tell: (found: T) => Lines): Lines {
  if (answer.refusal === undefined) return ['', ...tell(answer.found)];
  if (answer.refusal.code !== 404) throw answer.refusal;
  return [];
}

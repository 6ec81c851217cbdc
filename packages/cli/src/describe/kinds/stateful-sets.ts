import { selectorText } from '@fairway/kind-rules/shown';
import { StatefulSet } from '@fairway/kinds/apps/v1';
import { describerOf, required } from '../describer.ts';
import { field, indented, lines } from '../lines.ts';
import { annotationLines, labelLines } from '../metadata-lines.ts';
import { timeText } from '../moment.ts';
import { claimTemplatesLines } from './claim-lines.ts';
import { podCountsText, podsBeside } from './pod-counts.ts';
import { podTemplateLines } from './pod-template.ts';

/** Describes a stateful set: how many pods it has, from which template, and with which claims. */
export const statefulSet = describerOf({
  resource: StatefulSet,
  questions: (set) => ({ pods: podsBeside(set, selectorText(set.spec?.selector, '')) }),
  describe: (set, { pods }, moment) => {
    const { metadata, spec = {}, status } = set;
    const { partition, maxUnavailable } = spec.updateStrategy?.rollingUpdate ?? {};
    const rollingLines = lines(
      partition === undefined ? undefined : field('Partition', partition),
      partition === undefined || maxUnavailable === undefined
        ? undefined
        : field('MaxUnavailable', maxUnavailable),
    );
    return lines(
      field('Name', metadata?.name ?? ''),
      field('Namespace', metadata?.namespace ?? ''),
      field('CreationTimestamp', timeText(metadata?.creationTimestamp, moment)),
      field('Selector', selectorText(spec.selector, '')),
      labelLines('Labels', metadata?.labels),
      annotationLines(metadata?.annotations),
      field('Replicas', `${spec.replicas ?? 0} desired | ${status?.replicas ?? 0} total`),
      field('Update Strategy', spec.updateStrategy?.type ?? ''),
      indented(rollingLines),
      field('Pods Status', podCountsText(set, required(pods))),
      podTemplateLines(spec.template),
      claimTemplatesLines(spec.volumeClaimTemplates),
    );
  },
});

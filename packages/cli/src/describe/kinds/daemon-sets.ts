import { formatLabels, selectorText } from '@fairway/kind-rules/shown';
import { DaemonSet } from '@fairway/kinds/apps/v1';
import { describerOf, required } from '../describer.ts';
import { field, lines } from '../lines.ts';
import { annotationLines, labelLines } from '../metadata-lines.ts';
import { podCountsText, podsBeside } from './pod-counts.ts';
import { podTemplateLines } from './pod-template.ts';

/** Describes a daemon set: on how many nodes it has pods, and from which template. */
export const daemonSet = describerOf({
  resource: DaemonSet,
  questions: (set) => ({ pods: podsBeside(set, selectorText(set.spec?.selector, '')) }),
  describe: (set, { pods }) => {
    const { metadata, spec = {}, status = {} } = set;
    return lines(
      field('Name', metadata?.name ?? ''),
      field('Namespace', metadata?.namespace ?? ''),
      field('Selector', selectorText(spec.selector, '')),
      field('Node-Selector', formatLabels(spec.template?.spec?.nodeSelector)),
      labelLines('Labels', metadata?.labels),
      annotationLines(metadata?.annotations),
      `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled ?? 0}`,
      `Current Number of Nodes Scheduled: ${status.currentNumberScheduled ?? 0}`,
      `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`,
      `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`,
      `Number of Nodes Misscheduled: ${status.numberMisscheduled ?? 0}`,
      field('Pods Status', podCountsText(set, required(pods))),
      podTemplateLines(spec.template),
    );
  },
});

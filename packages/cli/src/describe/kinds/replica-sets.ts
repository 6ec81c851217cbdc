import { type Shown, formatLabels, formatSelector, selectorText } from '@fairway/kind-rules/shown';
import { ReplicaSet } from '@fairway/kinds/apps/v1';
import { ReplicationController } from '@fairway/kinds/core/v1';
import { describerOf, required } from '../describer.ts';
import { type Lines, field, fieldIfAny, lines } from '../lines.ts';
import { annotationLines, controllerOf, labelLines } from '../metadata-lines.ts';
import { conditionLines } from './condition-lines.ts';
import { podCountsText, podsBeside } from './pod-counts.ts';
import { podTemplateLines } from './pod-template.ts';

/** Describes a replica set: how many pods it has, and from which template. */
export const replicaSet = describerOf({
  resource: ReplicaSet,
  questions: (set) => ({ pods: podsBeside(set, selectorText(set.spec?.selector, '')) }),
  describe: (set, { pods }) => {
    const counts =
      pods.refusal === undefined
        ? podCountsText(set, pods.found)
        : `error in fetching pods: ${pods.refusal.message}`;
    return lines(
      headLines(set, formatSelector(set.spec?.selector)),
      fieldIfAny('Controlled By', controllerOf(set)),
      field('Replicas', replicasText(set)),
      field('Pods Status', counts),
      podTemplateLines(set.spec?.template),
      conditionLines(set.status?.conditions),
    );
  },
});

/** The same of a replication controller. */
export const replicationController = describerOf({
  resource: ReplicationController,
  questions: (controller) => ({ pods: podsBeside(controller, equalLabels(controller)) }),
  describe: (controller, { pods }) =>
    lines(
      headLines(controller, formatLabels(controller.spec?.selector)),
      field('Replicas', replicasText(controller)),
      field('Pods Status', podCountsText(controller, required(pods))),
      podTemplateLines(controller.spec?.template),
      conditionLines(controller.status?.conditions),
    ),
});

type Replicas = Shown<ReplicaSet | ReplicationController>;

function headLines({ metadata }: Replicas, selector: string): Lines {
  return lines(
    field('Name', metadata?.name ?? ''),
    field('Namespace', metadata?.namespace ?? ''),
    field('Selector', selector),
    labelLines('Labels', metadata?.labels),
    annotationLines(metadata?.annotations),
  );
}

function replicasText({ spec, status }: Replicas): string {
  return `${status?.replicas ?? 0} current / ${spec?.replicas ?? 0} desired`;
}

function equalLabels({ spec }: Shown<ReplicationController>): string {
  return selectorText({ matchLabels: spec?.selector ?? {} }, '');
}

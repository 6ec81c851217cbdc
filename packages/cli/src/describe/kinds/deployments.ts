import { type Shown, selectorText } from '@fairway/kind-rules/shown';
import { Deployment, ReplicaSet } from '@fairway/kinds/apps/v1';
import type { PodTemplateSpec } from '@fairway/kinds/core/v1';
import { equalsJson } from '@fairway/protocol';
import { describerOf } from '../describer.ts';
import { type Lines, field, lines } from '../lines.ts';
import { headLines } from '../metadata-lines.ts';
import { timeText } from '../moment.ts';
import { inTextOrder } from '../text-order.ts';
import { conditionLines } from './condition-lines.ts';
import { podTemplateLines } from './pod-template.ts';

/** Describes a deployment: how far its rollout is, and which replica sets take part. */
export const deployment = describerOf({
  resource: Deployment,
  questions: ({ metadata, spec }) => ({
    sets: {
      list: ReplicaSet,
      namespace: metadata?.namespace ?? '',
      labelSelector: selectorText(spec?.selector, ''),
    },
  }),
  describe: (rollout, { sets }, moment) => {
    const { metadata, spec = {}, status = {} } = rollout;
    const [name = '', namespace = '', ...rest] = headLines(rollout);
    const { rollingUpdate, type = '' } = spec.strategy ?? {};
    const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status;
    const { maxUnavailable = '<nil>', maxSurge = '<nil>' } = rollingUpdate ?? {};
    return lines(
      name,
      namespace,
      field('CreationTimestamp', timeText(metadata?.creationTimestamp, moment)),
      rest,
      field('Selector', selectorText(spec.selector, '')),
      field(
        'Replicas',
        `${spec.replicas ?? 0} desired | ${updatedReplicas} updated | ${replicas} total | ${availableReplicas} available | ${status.unavailableReplicas ?? 0} unavailable`,
      ),
      field('StrategyType', type),
      field('MinReadySeconds', spec.minReadySeconds ?? 0),
      rollingUpdate &&
        field('RollingUpdateStrategy', `${maxUnavailable} max unavailable, ${maxSurge} max surge`),
      podTemplateLines(spec.template),
      conditionLines(status.conditions),
      setLines(rollout, sets.found ?? []),
    );
  },
});

/** The replica sets that it controls: the oldest with its template is the new one, the others are old. */
function setLines(rollout: Shown<Deployment>, sets: readonly Shown<ReplicaSet>[]): Lines {
  const own = sets
    .filter(({ metadata }) =>
      metadata?.ownerReferences?.some(
        ({ controller, uid }) => controller === true && uid === rollout.metadata?.uid,
      ),
    )
    .sort((one, other) => inTextOrder(ageKey(one), ageKey(other)));
  if (own.length === 0) return [];
  const current = own.find(({ spec }) =>
    equalsJson(withoutHash(spec?.template), withoutHash(rollout.spec?.template)),
  );
  return [
    field('OldReplicaSets', setsText(own.filter((set) => set !== current))),
    field('NewReplicaSet', setsText(current === undefined ? [] : [current])),
  ];
}

function ageKey({ metadata }: Shown<ReplicaSet>): string {
  return `${metadata?.creationTimestamp ?? ''} ${metadata?.name ?? ''}`;
}

/** Without the label that a deployment adds for its replica set. */
function withoutHash(template: Shown<PodTemplateSpec> = {}): object {
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

function setsText(sets: readonly Shown<ReplicaSet>[]): string {
  const texts = sets.map(({ metadata, spec, status }) => {
    const counts = `${status?.replicas ?? 0}/${spec?.replicas ?? 0} replicas created`;
    return `${metadata?.name ?? ''} (${counts})`;
  });
  return texts.join(', ') || '<none>';
}

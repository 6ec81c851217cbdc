import type { DynamicObject } from '@fairway/client';
import type { DaemonSet, Deployment, StatefulSet } from '@fairway/kinds/apps/v1';
import { CommandError } from '../command-error.ts';

/** How far a rollout is. */
export interface RolloutStatus {
  readonly text: string;
  readonly isOver: boolean;
}

/** Tells how far the rollout of one kind is; `revision` 0 stands for any. Errors: `CommandError` when it has failed. */
export type ReadRolloutStatus = (object: DynamicObject, revision: number) => RolloutStatus;

/** The reader for a kind; undefined for one without rollouts. Source: the texts of kubectl. */
export function rolloutStatusReader(kind: string): ReadRolloutStatus | undefined {
  return Object.hasOwn(readers, kind) ? readers[kind] : undefined;
}

const readers: Readonly<Record<string, ReadRolloutStatus>> = {
  Deployment: (object, revision) => deploymentStatus(object as unknown as Deployment, revision),
  DaemonSet: (object) => daemonSetStatus(object as unknown as DaemonSet),
  StatefulSet: (object) => statefulSetStatus(object as unknown as StatefulSet),
};

const going = (text: string): RolloutStatus => ({ text, isOver: false });
const over = (text: string): RolloutStatus => ({ text, isOver: true });

function deploymentStatus(
  { metadata = {}, spec, status = {} }: Deployment,
  revision: number,
): RolloutStatus {
  if (revision > 0) requireRevision(metadata.annotations ?? {}, revision);
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) {
    return going('Waiting for deployment spec update to be observed...');
  }
  const name = JSON.stringify(metadata.name);
  const progress = status.conditions?.find(({ type }) => type === 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') {
    throw new CommandError(`deployment ${name} exceeded its progress deadline`);
  }
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status;
  const waiting = `Waiting for deployment ${name} rollout to finish:`;
  const wanted = spec?.replicas ?? 1;
  if (updatedReplicas < wanted) {
    return going(
      `${waiting} ${updatedReplicas} out of ${wanted} new replicas have been updated...`,
    );
  }
  if (replicas > updatedReplicas) {
    return going(
      `${waiting} ${replicas - updatedReplicas} old replicas are pending termination...`,
    );
  }
  if (availableReplicas < updatedReplicas) {
    return going(
      `${waiting} ${availableReplicas} of ${updatedReplicas} updated replicas are available...`,
    );
  }
  return over(`deployment ${name} successfully rolled out`);
}

function requireRevision(annotations: Readonly<Record<string, string>>, revision: number): void {
  const running = Number(annotations['deployment.kubernetes.io/revision']);
  if (running === revision) return;
  throw new CommandError(
    `desired revision (${revision}) is different from the running revision (${running})`,
  );
}

function daemonSetStatus({ metadata = {}, spec, status }: DaemonSet): RolloutStatus {
  requireRollingUpdate(spec?.updateStrategy?.type);
  if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) {
    return going('Waiting for daemon set spec update to be observed...');
  }
  const name = JSON.stringify(metadata.name);
  const waiting = `Waiting for daemon set ${name} rollout to finish:`;
  const updated = status?.updatedNumberScheduled ?? 0;
  const wanted = status?.desiredNumberScheduled ?? 0;
  const available = status?.numberAvailable ?? 0;
  if (updated < wanted) {
    return going(`${waiting} ${updated} out of ${wanted} new pods have been updated...`);
  }
  if (available < wanted) {
    return going(`${waiting} ${available} of ${wanted} updated pods are available...`);
  }
  return over(`daemon set ${name} successfully rolled out`);
}

function statefulSetStatus({ metadata = {}, spec, status }: StatefulSet): RolloutStatus {
  requireRollingUpdate(spec?.updateStrategy?.type);
  const observed = status?.observedGeneration ?? 0;
  if (observed === 0 || (metadata.generation ?? 0) > observed) {
    return going('Waiting for statefulset spec update to be observed...');
  }
  const { readyReplicas = 0, updatedReplicas = 0, currentReplicas = 0 } = status ?? {};
  const wanted = spec?.replicas ?? 1;
  if (readyReplicas < wanted) {
    return going(`Waiting for ${wanted - readyReplicas} pods to be ready...`);
  }
  const partition = spec?.updateStrategy?.rollingUpdate?.partition;
  if (partition !== undefined) {
    if (updatedReplicas < wanted - partition) {
      return going(
        `Waiting for partitioned roll out to finish: ${updatedReplicas} out of ${wanted - partition} new pods have been updated...`,
      );
    }
    return over(`partitioned roll out complete: ${updatedReplicas} new pods have been updated...`);
  }
  const { updateRevision = '', currentRevision = '' } = status ?? {};
  if (updateRevision !== currentRevision) {
    return going(
      `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}...`,
    );
  }
  return over(
    `statefulset rolling update complete ${currentReplicas} pods at revision ${currentRevision}...`,
  );
}

function requireRollingUpdate(strategy: string | undefined): void {
  if (strategy === 'RollingUpdate') return;
  throw new CommandError('rollout status is only available for RollingUpdate strategy type');
}

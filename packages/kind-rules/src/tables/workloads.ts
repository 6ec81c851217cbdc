import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from '@fairway/kinds/apps/v1';
import type { PodTemplate, ReplicationController } from '@fairway/kinds/core/v1';
import type { TableColumns } from '../table-columns.ts';
import { containerColumns } from './container-columns.ts';
import { age, defineTable, integer, name, text, wide } from './define-table.ts';
import { formatLabels, formatSelector, selectorText } from './format-labels.ts';
import type { Shown } from './shown.ts';

const selectorDescription = 'Labels of the pods that belong to it.';

/**
 * Source: kube-apiserver printers, printDeployment, printStatefulSet, printDaemonSet and their
 * neighbours.
 */
export const deployments: TableColumns = defineTable<Deployment>([
  name,
  text('Ready', 'Ready pods, of those wanted.', readyOfWanted),
  text('Up-to-date', 'Pods made from the current template.', ({ status }) => {
    return status?.updatedReplicas ?? 0;
  }),
  text('Available', 'Pods that have been ready for long enough.', ({ status }) => {
    return status?.availableReplicas ?? 0;
  }),
  age,
  ...containerColumns<Shown<Deployment>>(templateSpec).map(wide),
  wide(
    text('Selector', selectorDescription, ({ spec }) => selectorText(spec?.selector, '<invalid>')),
  ),
]);

export const replicaSets: TableColumns = defineTable<ReplicaSet>([
  name,
  integer('Desired', 'Pods wanted.', ({ spec }) => spec?.replicas ?? 0),
  integer('Current', 'Pods that there are.', ({ status }) => status?.replicas ?? 0),
  integer('Ready', 'Pods that are ready.', ({ status }) => status?.readyReplicas ?? 0),
  age,
  ...containerColumns<Shown<ReplicaSet>>(templateSpec).map(wide),
  wide(text('Selector', selectorDescription, ({ spec }) => formatSelector(spec?.selector))),
]);

export const replicationControllers: TableColumns = defineTable<ReplicationController>([
  name,
  integer('Desired', 'Pods wanted.', ({ spec }) => spec?.replicas ?? 0),
  integer('Current', 'Pods that there are.', ({ status }) => status?.replicas ?? 0),
  integer('Ready', 'Pods that are ready.', ({ status }) => status?.readyReplicas ?? 0),
  age,
  ...containerColumns<Shown<ReplicationController>>(templateSpec).map(wide),
  wide(text('Selector', selectorDescription, ({ spec }) => formatLabels(spec?.selector))),
]);

export const statefulSets: TableColumns = defineTable<StatefulSet>([
  name,
  text('Ready', 'Ready pods, of those wanted.', readyOfWanted),
  age,
  ...containerColumns<Shown<StatefulSet>>(templateSpec).map(wide),
]);

export const daemonSets: TableColumns = defineTable<DaemonSet>([
  name,
  integer('Desired', 'Nodes that should run the pod.', ({ status }) => {
    return status?.desiredNumberScheduled ?? 0;
  }),
  integer('Current', 'Nodes that have the pod and should.', ({ status }) => {
    return status?.currentNumberScheduled ?? 0;
  }),
  integer('Ready', 'Nodes whose pod is ready.', ({ status }) => status?.numberReady ?? 0),
  integer('Up-to-date', 'Nodes whose pod is made from the current template.', ({ status }) => {
    return status?.updatedNumberScheduled ?? 0;
  }),
  integer('Available', 'Nodes whose pod has been ready for long enough.', ({ status }) => {
    return status?.numberAvailable ?? 0;
  }),
  text('Node Selector', 'Labels of the nodes that may run the pod.', (object) => {
    return formatLabels(templateSpec(object)?.nodeSelector);
  }),
  age,
  ...containerColumns<Shown<DaemonSet>>(templateSpec).map(wide),
  wide(text('Selector', selectorDescription, ({ spec }) => formatSelector(spec?.selector))),
]);

export const podTemplates: TableColumns = defineTable<PodTemplate>([
  name,
  ...containerColumns<Shown<PodTemplate>>(({ template }) => template?.spec),
  text('Pod Labels', 'Labels that the pods get.', ({ template }) => {
    return formatLabels(template?.metadata?.labels);
  }),
]);

export const controllerRevisions: TableColumns = defineTable<ControllerRevision>([
  name,
  text('Controller', 'What the revision is of.', controllerName),
  text('Revision', 'Number of the revision.', ({ revision }) => revision ?? 0),
  age,
]);

type PodSpecShown = NonNullable<Shown<PodTemplate>['template']>['spec'];

function templateSpec(workload: {
  readonly spec?: { readonly template?: { readonly spec?: PodSpecShown } };
}): PodSpecShown {
  return workload.spec?.template?.spec;
}

function readyOfWanted({ spec, status }: Shown<Deployment | StatefulSet>): string {
  return `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`;
}

/** `daemonset.apps/agent` */
function controllerName({ metadata }: Shown<ControllerRevision>): string {
  const owner = metadata?.ownerReferences?.find((each) => each.controller === true);
  if (owner === undefined) return '<none>';
  const { apiVersion = '', kind = '' } = owner;
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  return `${`${kind}${group}`.toLowerCase()}/${owner.name ?? ''}`;
}

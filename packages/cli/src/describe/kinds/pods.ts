import { qosClassOf } from '@fairway/kind-rules/pods';
import type { Shown } from '@fairway/kind-rules/shown';
import { type Container, type ContainerStatus, Pod, type PodSpec } from '@fairway/kinds/core/v1';
import { type EventSubject, describerOf } from '../describer.ts';
import { type Lines, field, fieldIfAny, fieldOfLines, indented, lines, section } from '../lines.ts';
import { annotationLines, controllerOf, labelLines } from '../metadata-lines.ts';
import { type Moment, sinceText, timeText } from '../moment.ts';
import { containerLines, resourceLines } from './containers.ts';
import { inPod } from './pod-depth.ts';
import { groupLines, nodeChoiceLines, spreadLines } from './pod-placement.ts';
import { volumeLines } from './pod-volumes.ts';

/** Describes a pod: what it is made of, where it runs and how its containers fare. */
export const pod = describerOf<Pod>({
  resource: Pod,
  events: podEvents,
  describe: (pod, _, moment) => {
    const { metadata, spec = {}, status = {} } = pod;
    return lines(
      field('Name', metadata?.name ?? ''),
      field('Namespace', metadata?.namespace ?? ''),
      spec.priority === undefined ? undefined : field('Priority', spec.priority),
      fieldIfAny('Priority Class Name', spec.priorityClassName),
      fieldIfAny('Runtime Class Name', spec.runtimeClassName),
      fieldIfAny('Service Account', spec.serviceAccountName),
      field('Node', spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ''}` : '<none>'),
      status.startTime && field('Start Time', timeText(status.startTime, moment)),
      labelLines('Labels', metadata?.labels),
      annotationLines(metadata?.annotations),
      stateLines(pod, moment),
      seccompLines(spec),
      field('IP', status.podIP ?? ''),
      addressLines(pod),
      fieldIfAny('Controlled By', controllerOf(pod)),
      fieldIfAny('NominatedNodeName', status.nominatedNodeName),
      spec.resources && section('Resources', resourceLines(spec.resources)),
      allContainerLines(pod, moment),
      conditionLines(pod),
      volumeLines(spec.volumes, inPod),
      field('QoS Class', status.qosClass || qosClassOf(spec as Pick<PodSpec, 'containers'>)),
      nodeChoiceLines(spec),
      spreadLines(spec),
      groupLines(spec),
    );
  },
});

/** A mirror pod is told of by what its kubelet knows it as. */
function podEvents({ metadata }: Shown<Pod>): readonly EventSubject[] {
  const mirrored = metadata?.annotations?.['kubernetes.io/config.mirror'];
  return [{ uid: mirrored ?? metadata?.uid ?? '' }];
}

function stateLines({ metadata, status = {} }: Shown<Pod>, moment: Moment): Lines {
  const { phase = '', reason, message } = status;
  const isLeaving =
    metadata?.deletionTimestamp !== undefined && phase !== 'Failed' && phase !== 'Succeeded';
  const lasts = sinceText(metadata?.deletionTimestamp, moment);
  return lines(
    isLeaving
      ? [
          field('Status', `Terminating (lasts ${lasts})`),
          field('Termination Grace Period', `${metadata.deletionGracePeriodSeconds ?? 0}s`),
        ]
      : field('Status', phase),
    fieldIfAny('Reason', reason),
    fieldIfAny('Message', message),
  );
}

function seccompLines({ securityContext }: Shown<PodSpec>): Lines {
  const profile = securityContext?.seccompProfile;
  if (profile === undefined) return [];
  return lines(
    field('SeccompProfile', profile.type ?? ''),
    profile.type === 'Localhost'
      ? field('LocalhostProfile', profile.localhostProfile ?? '')
      : undefined,
  );
}

function addressLines({ status }: Shown<Pod>): Lines {
  const addresses = (status?.podIPs ?? []).map(({ ip = '' }) => field('IP', ip));
  return addresses.length === 0 ? fieldOfLines('IPs', []) : section('IPs', addresses);
}

function allContainerLines(pod: Shown<Pod>, moment: Moment): Lines {
  const { spec = {}, status = {} } = pod;
  const { initContainers = [], ephemeralContainers = [] } = spec;
  const told = (title: string, containers: Containers, statuses: Statuses): Lines =>
    containerLines(title, containers, inPod, { pod, statuses, moment });
  return lines(
    initContainers.length === 0
      ? undefined
      : told('Init Containers', initContainers, status.initContainerStatuses),
    told('Containers', spec.containers, status.containerStatuses),
    ephemeralContainers.length === 0
      ? undefined
      : told('Ephemeral Containers', ephemeralContainers, status.ephemeralContainerStatuses),
  );
}

type Containers = readonly Shown<Container>[] | undefined;
type Statuses = readonly Shown<ContainerStatus>[] | undefined;

function conditionLines({ spec, status }: Shown<Pod>): Lines {
  const conditions = status?.conditions ?? [];
  const gates = (spec?.readinessGates ?? []).map(({ conditionType = '' }) => {
    const known = conditions.find(({ type }) => type === conditionType);
    return [conditionType, known?.status ?? '<none>'] as const;
  });
  const told = conditions.map(({ type = '', status = '' }) => [type, status] as const);
  return lines(
    gates.length === 0 ? undefined : statusLines('Readiness Gates', gates),
    told.length === 0 ? undefined : statusLines('Conditions', told),
  );
}

function statusLines(title: string, rows: readonly (readonly [string, string])[]): Lines {
  const cells = rows.map(([type, status]) => `${type} \t${status} `);
  return [`${title}:`, ...indented(['Type\tStatus', ...cells])];
}

import type { Shown } from '@fairway/kind-rules/shown';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  ResourceRequirements,
  SecurityContext,
} from '@fairway/kinds/core/v1';
import { type Lines, field, fieldIfAny, indented, lines, section } from '../lines.ts';
import { type Moment, timeText } from '../moment.ts';
import { inTextOrder } from '../text-order.ts';
import { amountLines } from './amount-lines.ts';
import { sourceLines, variableLines } from './container-environment.ts';
import type { PodDepth } from './pod-depth.ts';
import { probeText } from './probe-text.ts';

/** What the containers of a pod are described with beside their specs; a template has none of it. */
interface ContainersContext {
  readonly pod: Shown<Pod>;
  readonly statuses: readonly Shown<ContainerStatus>[] | undefined;
  readonly moment: Moment;
}

/** The containers of a pod or of a template, each below its name. */
export function containerLines(
  title: string,
  containers: readonly Shown<Container>[] = [],
  { nameIndent, contentLevels }: PodDepth,
  context?: ContainersContext,
): Lines {
  if (containers.length === 0) return [`${title}: <none>`];
  const each = containers.flatMap((container) => [
    `${nameIndent}${container.name ?? ''}:`,
    ...indented(oneContainer(container, context), contentLevels),
  ]);
  return [`${title}:`, ...each];
}

function oneContainer(container: Shown<Container>, context: ContainersContext | undefined): Lines {
  const status = context?.statuses?.find(({ name }) => name === container.name);
  return lines(
    status && field('Container ID', status.containerID ?? ''),
    field('Image', container.image ?? ''),
    status && field('Image ID', status.imageID ?? ''),
    portLines(container),
    seccompLines(container.securityContext),
    textLines('Command', container.command),
    textLines('Args', container.args),
    status && context && stateLines(status, context.moment),
    resourceLines(container.resources),
    probeLines(container),
    container.envFrom && section('Environment Variables from', sourceLines(container.envFrom)),
    sectionOrNone('Environment', variableLines(container, context?.pod)),
    mountLines(container),
  );
}

function sectionOrNone(title: string, content: Lines): Lines {
  return content.length === 0 ? [field(title, '<none>')] : section(title, content);
}

function portLines({ ports = [] }: Shown<Container>): Lines {
  const list = (portOf: (port: (typeof ports)[number]) => number): string =>
    ports
      .map((port) => {
        const text = `${portOf(port)}/${port.protocol ?? ''}`;
        return port.name ? `${text} (${port.name})` : text;
      })
      .join(', ');
  const labelled = (label: string, text: string): string =>
    field(text.includes(',') ? `${label}s` : label, text || '<none>');
  return [
    labelled(
      'Port',
      list(({ containerPort = 0 }) => containerPort),
    ),
    labelled(
      'Host Port',
      list(({ hostPort = 0 }) => hostPort),
    ),
  ];
}

function seccompLines(security: Shown<SecurityContext> | undefined): Lines {
  const profile = security?.seccompProfile;
  if (profile === undefined) return [];
  return lines(
    field('SeccompProfile', profile.type ?? ''),
    profile.type === 'Localhost'
      ? `  ${field('LocalhostProfile', profile.localhostProfile ?? '')}`
      : undefined,
  );
}

function textLines(title: string, texts: readonly string[] = []): Lines {
  if (texts.length === 0) return [];
  return section(
    title,
    texts.flatMap((text) => text.split('\n')),
  );
}

function stateLines(status: Shown<ContainerStatus>, moment: Moment): Lines {
  return lines(
    oneState('State', status.state, moment),
    status.lastState?.terminated && oneState('Last State', status.lastState, moment),
    field('Ready', status.ready === true ? 'True' : 'False'),
    field('Restart Count', status.restartCount ?? 0),
  );
}

function oneState(label: string, state: Shown<ContainerState> = {}, moment: Moment): Lines {
  const { running, waiting, terminated } = state;
  if (running !== undefined) {
    const started = field('Started', timeText(running.startedAt, moment));
    return [field(label, 'Running'), ...indented([started])];
  }
  if (waiting === undefined && terminated !== undefined) {
    const facts = lines(
      fieldIfAny('Reason', terminated.reason),
      fieldIfAny('Message', terminated.message),
      field('Exit Code', terminated.exitCode ?? 0),
      (terminated.signal ?? 0) > 0 ? field('Signal', terminated.signal ?? 0) : undefined,
      field('Started', timeText(terminated.startedAt, moment)),
      field('Finished', timeText(terminated.finishedAt, moment)),
    );
    return [field(label, 'Terminated'), ...indented(facts)];
  }
  return [field(label, 'Waiting'), ...indented(lines(fieldIfAny('Reason', waiting?.reason)))];
}

/** Limits and requests of a container, or of a pod as a whole. */
export function resourceLines(resources: Shown<ResourceRequirements> = {}): Lines {
  return [
    ...amountLines('Limits', resources.limits),
    ...amountLines('Requests', resources.requests),
  ];
}

function probeLines({ livenessProbe, readinessProbe, startupProbe }: Shown<Container>): Lines {
  return lines(
    livenessProbe && field('Liveness', probeText(livenessProbe)),
    readinessProbe && field('Readiness', probeText(readinessProbe)),
    startupProbe && field('Startup', probeText(startupProbe)),
  );
}

function mountLines({ volumeMounts = [], volumeDevices = [] }: Shown<Container>): Lines {
  const mounts = [...volumeMounts]
    .sort((one, other) => inTextOrder(one.mountPath, other.mountPath))
    .map(({ mountPath = '', name = '', readOnly, subPath }) => {
      const path = subPath ? `,path=${JSON.stringify(subPath)}` : '';
      return `${mountPath} from ${name} (${readOnly === true ? 'ro' : 'rw'}${path})`;
    });
  const devices = [...volumeDevices]
    .sort((one, other) => inTextOrder(one.devicePath, other.devicePath))
    .map(({ devicePath = '', name = '' }) => `${devicePath} from ${name}`);
  // As kubectl says it: devices without mounts are headed by what is said of the mounts.
  const devicesTitle = mounts.length === 0 ? 'Devices:\t<none>' : 'Devices:';
  return lines(
    sectionOrNone('Mounts', mounts),
    devices.length === 0 ? undefined : [devicesTitle, ...indented(devices)],
  );
}

import { type Shown, formatSelector } from '@fairway/kind-rules/shown';
import type { PodSpec, Taint, Toleration } from '@fairway/kinds/core/v1';
import { type Lines, field, fieldOfLines, lines, section } from '../lines.ts';
import { labelLines } from '../metadata-lines.ts';
import { inTextOrder } from '../text-order.ts';

/** `zone:DoNotSchedule when max skew 1 is exceeded for selector app=web` */
export function spreadLines({ topologySpreadConstraints = [] }: Shown<PodSpec>): Lines {
  if (topologySpreadConstraints.length === 0) return [];
  const sorted = [...topologySpreadConstraints].sort((one, other) =>
    inTextOrder(one.topologyKey, other.topologyKey),
  );
  const texts = sorted.map(({ topologyKey, whenUnsatisfiable, maxSkew, labelSelector }) => {
    const text = `${topologyKey ?? ''}:${whenUnsatisfiable ?? ''} when max skew ${maxSkew ?? 0} is exceeded`;
    if (labelSelector === undefined) return text;
    return `${text} for selector ${formatSelector(labelSelector)}`;
  });
  return fieldOfLines('Topology Spread Constraints', texts);
}

/** On which nodes a pod may run, by their labels and taints. */
export function nodeChoiceLines({ nodeSelector, tolerations = [] }: Shown<PodSpec>): Lines {
  const sorted = [...tolerations].sort((one, other) => inTextOrder(one.key, other.key));
  return lines(
    labelLines('Node-Selectors', nodeSelector),
    fieldOfLines('Tolerations', sorted.map(tolerationText)),
  );
}

/** With which pods it is placed together. */
export function groupLines({ schedulingGroup }: Shown<PodSpec>): Lines {
  if (schedulingGroup === undefined) return [];
  return section('SchedulingGroup', [field('PodGroupName', schedulingGroup.podGroupName ?? '')]);
}

/** `dedicated=x:NoSchedule` */
export function taintLines(taints: readonly Shown<Taint>[] = []): Lines {
  const sorted = [...taints].sort((one, other) => inTextOrder(taintKey(one), taintKey(other)));
  const texts = sorted.map(({ key = '', value = '', effect }) => {
    if (value !== '') return `${key}=${value}:${effect ?? ''}`;
    return effect === undefined ? key : `${key}:${effect}`;
  });
  return fieldOfLines('Taints', texts);
}

function taintKey({ effect, key = '' }: Shown<Taint>): string {
  return `${effect ?? ''},${key}`;
}

/** `dedicated=x:NoSchedule for 300s`, `op=Exists` */
function tolerationText(toleration: Shown<Toleration>): string {
  const { key = '', value = '', effect = '', operator, tolerationSeconds } = toleration;
  const what = `${key}${value === '' ? '' : `=${value}`}${effect === '' ? '' : `:${effect}`}`;
  const isAny = operator === 'Exists' && value === '';
  const any = isAny ? `${what === '' ? '' : ' '}op=Exists` : '';
  const time = tolerationSeconds === undefined ? '' : ` for ${tolerationSeconds}s`;
  return what + any + time;
}

import type { Shown } from '@fairway/kind-rules/shown';
import type { PodTemplateSpec } from '@fairway/kinds/core/v1';
import { type Lines, fieldIfAny, lines, section } from '../lines.ts';
import { annotationLines, labelLines } from '../metadata-lines.ts';
import { containerLines } from './containers.ts';
import { inTemplate } from './pod-depth.ts';
import { groupLines, nodeChoiceLines, spreadLines } from './pod-placement.ts';
import { volumeLines } from './pod-volumes.ts';

/** What pods are made from. */
export function podTemplateLines({ metadata = {}, spec = {} }: Shown<PodTemplateSpec> = {}): Lines {
  const { annotations = {}, labels } = metadata;
  return section(
    'Pod Template',
    lines(
      labelLines('Labels', labels),
      Object.keys(annotations).length === 0 ? undefined : annotationLines(annotations),
      fieldIfAny('Service Account', spec.serviceAccountName),
      spec.initContainers && containerLines('Init Containers', spec.initContainers, inTemplate),
      containerLines('Containers', spec.containers, inTemplate),
      volumeLines(spec.volumes, inTemplate),
      spreadLines(spec),
      fieldIfAny('Priority Class Name', spec.priorityClassName),
      nodeChoiceLines(spec),
      groupLines(spec),
    ),
  );
}

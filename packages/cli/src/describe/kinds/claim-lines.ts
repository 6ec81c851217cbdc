import { type Shown, accessModesText, formatAmount } from '@fairway/kind-rules/shown';
import { classNameOf } from '@fairway/kind-rules/volumes';
import type { PersistentVolumeClaim, PersistentVolumeClaimTemplate } from '@fairway/kinds/core/v1';
import type { KubernetesObject } from '@fairway/protocol';
import { type Lines, field, fieldOfLines, lines, section } from '../lines.ts';
import { annotationLines, labelLines } from '../metadata-lines.ts';
import { type Moment, sinceText } from '../moment.ts';

/** What a claim asks for and has got. */
export function claimSpecLines({ spec = {}, status = {} }: Shown<PersistentVolumeClaim>): Lines {
  const isBound = (spec.volumeName ?? '') !== '';
  const { dataSource } = spec;
  return lines(
    field('Capacity', isBound ? formatAmount(status.capacity?.['storage']) : ''),
    field('Access Modes', isBound ? accessModesText(status.accessModes) : ''),
    spec.volumeMode && field('VolumeMode', spec.volumeMode),
    dataSource &&
      section(
        'DataSource',
        lines(
          dataSource.apiGroup === undefined ? undefined : field('APIGroup', dataSource.apiGroup),
          field('Kind', dataSource.kind ?? ''),
          field('Name', dataSource.name ?? ''),
        ),
      ),
  );
}

/** How a claim or volume is, or how long it has been going. */
export function phaseText(
  { metadata }: Shown<KubernetesObject>,
  phase: string | undefined,
  moment: Moment,
): string {
  if (metadata?.deletionTimestamp === undefined) return phase ?? '';
  return `Terminating (lasts ${sinceText(metadata.deletionTimestamp, moment)})`;
}

/** The claim that a pod makes for a volume of its own. */
export function ephemeralClaimLines(template: Shown<PersistentVolumeClaimTemplate>): Lines {
  const { metadata } = template;
  return lines(
    field('StorageClass', classNameOf(template)),
    field('Volume', template.spec?.volumeName ?? ''),
    deeperLines(labelLines('Labels', metadata?.labels)),
    deeperLines(annotationLines(metadata?.annotations)),
    claimSpecLines({ spec: template.spec ?? {} }),
  );
}

/** Values stand deeper there, where kubectl indents each piece of a line. */
function deeperLines(content: Lines): Lines {
  return content.map((line) => line.replace('\t', '\t    '));
}

/** The claims that a stateful set makes for each of its pods. */
export function claimTemplatesLines(
  templates: readonly Shown<PersistentVolumeClaim>[] = [],
): Lines {
  if (templates.length === 0) return fieldOfLines('Volume Claims', []);
  return section('Volume Claims', templates.flatMap(oneClaimTemplate));
}

function oneClaimTemplate(template: Shown<PersistentVolumeClaim>): Lines {
  const { metadata, spec } = template;
  const storage = spec?.resources?.requests?.['storage'];
  return lines(
    field('Name', metadata?.name ?? ''),
    field('StorageClass', classNameOf(template)),
    labelLines('Labels', metadata?.labels),
    labelLines('Annotations', metadata?.annotations),
    field('Capacity', storage === undefined ? '<default>' : formatAmount(storage)),
    field('Access Modes', `[${(spec?.accessModes ?? []).join(' ')}]`),
  );
}

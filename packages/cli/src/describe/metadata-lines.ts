import type { Shown } from '@fairway/kind-rules/shown';
import type { KubernetesObject } from '@fairway/protocol';
import { type Lines, field, fieldOfLines, lines } from './lines.ts';

type Texts = Readonly<Record<string, string | undefined>>;

/** `a=b` below each other, in order. */
export function labelLines(label: string, labels: Texts = {}): Lines {
  const keys = Object.keys(labels).sort();
  return fieldOfLines(
    label,
    keys.map((key) => `${key}=${labels[key] ?? ''}`),
  );
}

/** Long annotations, and those of several lines, are below their names; each line is cut where it gets long. */
export function annotationLines(annotations: Texts = {}, label = 'Annotations'): Lines {
  const keys = Object.keys(annotations).filter((key) => key !== lastApplied);
  const values = keys.sort().flatMap((key) => annotationValue(key, annotations[key] ?? ''));
  return fieldOfLines(label, values);
}

/** Name, namespace, labels and annotations, as most kinds begin. */
export function headLines({ metadata }: Shown<KubernetesObject>): Lines {
  return lines(
    field('Name', metadata?.name ?? ''),
    field('Namespace', metadata?.namespace ?? ''),
    labelLines('Labels', metadata?.labels),
    annotationLines(metadata?.annotations),
  );
}

/** The same of what has no namespace, or does not tell it. */
export function clusterHeadLines({ metadata }: Shown<KubernetesObject>): Lines {
  return lines(
    field('Name', metadata?.name ?? ''),
    labelLines('Labels', metadata?.labels),
    annotationLines(metadata?.annotations),
  );
}

/** `ReplicaSet/web-5d9`: who controls an object; undefined when nobody does. */
export function controllerOf({ metadata }: Shown<KubernetesObject>): string | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return owner === undefined ? undefined : `${owner.kind ?? ''}/${owner.name ?? ''}`;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const annotationBytesMax = 140;

function annotationValue(key: string, text: string): Lines {
  const value = text.endsWith('\n') ? text.slice(0, -1) : text;
  const bytes = Buffer.byteLength(key) + Buffer.byteLength(value) + 2;
  if (bytes <= annotationBytesMax && !value.includes('\n')) return [`${key}: ${value}`];
  const cut = value.split('\n').map((line) => `  ${shortened(line, annotationBytesMax - 2)}`);
  return [`${key}:`, ...cut];
}

/** The beginning of a text that has more bytes. */
export function shortened(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= bytesMax ? text : `${bytes.subarray(0, bytesMax).toString()}...`;
}

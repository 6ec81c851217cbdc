import type { Shown } from '@fairway/kind-rules/shown';
import type { Volume } from '@fairway/kinds/core/v1';
import { type Lines, fieldOfLines, indented } from '../lines.ts';
import type { PodDepth } from './pod-depth.ts';
import { podSourceLines } from './pod-volume-sources.ts';

/** The volumes of a pod or of a template, each below its name. */
export function volumeLines(
  volumes: readonly Shown<Volume>[] = [],
  { nameIndent, contentLevels }: PodDepth,
): Lines {
  if (volumes.length === 0) return fieldOfLines('Volumes', []);
  const each = volumes.flatMap((volume) => {
    const source = podSourceLines(volume);
    const content =
      source === undefined
        ? indented(['<unknown>'], contentLevels - 1)
        : indented(source, contentLevels);
    return [`${nameIndent}${volume.name ?? ''}:`, ...content];
  });
  return ['Volumes:', ...each];
}

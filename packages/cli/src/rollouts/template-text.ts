import { withoutNulls } from '@fairway/kind-rules/shown';
import { podTemplateLines } from '../describe/kinds/pod-template.ts';
import type { PodTemplateSpec } from '@fairway/kinds/core/v1';

/** What pods are made from, in lines whose columns are not aligned: kubectl prints it so. */
export function templateText(template: PodTemplateSpec): string {
  return podTemplateLines(withoutNulls(template))
    .map((line) => `${line.replace(/^ +\t/, '\t')}\n`)
    .join('');
}

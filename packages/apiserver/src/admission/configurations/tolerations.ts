import type { Toleration } from '@fairway/kinds/core/v1';
import { type FieldReader, wrongType } from '@fairway/protocol';
import type { PodTolerations } from '../pod-toleration-restriction.ts';

const fields = ['key', 'operator', 'value', 'effect', 'tolerationSeconds'];

/** Source: podtolerationrestriction.admission.k8s.io/v1alpha1 Configuration. */
export function readTolerations(reader: FieldReader, document: unknown): PodTolerations {
  const root = reader.object('', document, ['apiVersion', 'kind', 'default', 'whitelist']);
  const read = (name: 'default' | 'whitelist'): readonly Toleration[] =>
    reader.list(name, root[name]).map((each, at) => readToleration(reader, `${name}[${at}]`, each));
  return { default: read('default'), whitelist: read('whitelist') };
}

function readToleration(reader: FieldReader, field: string, value: unknown): Toleration {
  const { tolerationSeconds, ...texts } = reader.object(field, value, fields);
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text === 'string') continue;
    reader.problems.push(wrongType(`${field}.${name}`, text, 'must be a string'));
  }
  if (tolerationSeconds === undefined) return texts as Toleration;
  if (!Number.isInteger(tolerationSeconds)) {
    const place = `${field}.tolerationSeconds`;
    reader.problems.push(wrongType(place, tolerationSeconds, 'must be a whole number'));
  }
  return { ...(texts as Toleration), tolerationSeconds: Number(tolerationSeconds) };
}

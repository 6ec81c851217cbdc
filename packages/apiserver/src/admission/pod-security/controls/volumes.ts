import { type Control, control, named, plural, quoted, sorted, uses } from './control.ts';

export const hostPathVolumes: Control = control(({ spec }) => {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: named('volume', names) };
});

const allowed = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

export const restrictedVolumes: Control = {
  includes: hostPathVolumes,
  ...control(({ spec }) => {
    const names: string[] = [];
    const types: string[] = [];
    for (const { name, ...source } of spec.volumes ?? []) {
      const fields = Object.keys(source);
      if (fields.some((field) => allowed.includes(field))) continue;
      names.push(name);
      types.push(fields[0] ?? 'unknown');
    }
    if (names.length === 0) return undefined;
    const kinds = sorted(types);
    const what = `${plural('restricted volume type', kinds)} ${quoted(kinds)}`;
    return {
      reason: 'restricted volume types',
      detail: `${named('volume', names)} ${uses(names)} ${what}`,
    };
  }),
};

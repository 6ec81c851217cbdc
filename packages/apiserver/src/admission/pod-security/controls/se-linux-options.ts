import type { SELinuxOptions } from '@fairway/kinds/core/v1';
import {
  type Check,
  type Control,
  containersOf,
  plural,
  quoted,
  setters,
  sorted,
} from './control.ts';

const first = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

export const seLinuxOptions: Control = {
  revisions: [
    { sinceMinor: 0, check: only(first) },
    { sinceMinor: 31, check: only([...first, 'container_engine_t']) },
  ],
};

function only(allowed: readonly string[]): Check {
  const isBad = (options: SELinuxOptions | undefined): options is SELinuxOptions =>
    options !== undefined &&
    (!allowed.includes(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
  return (pod) => {
    const ofPod = pod.spec.securityContext?.seLinuxOptions;
    const bad = containersOf(pod).flatMap(({ name, securityContext }) => {
      const options = securityContext?.seLinuxOptions;
      return isBad(options) ? [{ name, options }] : [];
    });
    const all = [...(isBad(ofPod) ? [ofPod] : []), ...bad.map(({ options }) => options)];
    if (all.length === 0) return undefined;
    const types = sorted(all.map(({ type = '' }) => type)).filter(
      (each) => !allowed.includes(each),
    );
    const what = [
      ...(types.length === 0 ? [] : [`${plural('type', types)} ${quoted(types)}`]),
      ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
    ].join('; ');
    const who = setters(
      isBad(ofPod),
      bad.map(({ name }) => name),
    );
    const detail = `${who} set forbidden securityContext.seLinuxOptions: ${what}`;
    return { reason: 'seLinuxOptions', detail };
  };
}

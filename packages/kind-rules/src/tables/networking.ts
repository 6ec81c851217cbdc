import type {
  IPAddress,
  Ingress,
  IngressClass,
  NetworkPolicy,
  ServiceCIDR,
} from '@fairway/kinds/networking/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text } from './define-table.ts';
import { formatSelector } from './format-labels.ts';
import { loadBalancerAddresses } from './load-balancer-addresses.ts';
import type { Shown } from './shown.ts';

/**
 * Source: kube-apiserver printers, printIngress, printNetworkPolicy, printServiceCIDR and their
 * neighbours.
 */
export const ingresses: TableColumns = defineTable<Ingress>([
  name,
  text('Class', 'Ingress class that serves it.', ({ spec }) => spec?.ingressClassName ?? '<none>'),
  text('Hosts', 'Host names that are routed.', hosts),
  text('Address', 'Addresses of the load balancer.', ({ status }) => {
    return loadBalancerAddresses(status?.loadBalancer).join(',');
  }),
  text('Ports', 'Ports that are open.', ({ spec }) => {
    return (spec?.tls ?? []).length === 0 ? '80' : '80, 443';
  }),
  age,
]);

export const ingressClasses: TableColumns = defineTable<IngressClass>([
  name,
  text('Controller', 'Controller that serves the class.', ({ spec }) => spec?.controller ?? ''),
  text('Parameters', 'Object with more settings of the controller.', ({ spec }) => {
    if (spec?.parameters === undefined) return '<none>';
    const { apiGroup, kind = '', name: parameters = '' } = spec.parameters;
    return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${parameters}`;
  }),
  age,
]);

export const networkPolicies: TableColumns = defineTable<NetworkPolicy>([
  name,
  text('Pod-Selector', 'Pods that the policy is about.', ({ spec }) => {
    return formatSelector(spec?.podSelector);
  }),
  age,
]);

export const ipAddresses: TableColumns = defineTable<IPAddress>([
  name,
  text('ParentRef', 'Object that holds the address.', addressParent),
]);

export const serviceCidrs: TableColumns = defineTable<ServiceCIDR>([
  name,
  text('CIDRs', 'Ranges of service addresses.', ({ spec }) => (spec?.cidrs ?? []).join(',')),
  age,
]);

/** The first three; the number counts rules, with a host or without one. */
function hosts({ spec }: Shown<Ingress>): string {
  const rules = spec?.rules ?? [];
  const places = [...rules.keys()].filter((place) => rules[place]?.host);
  if (places.length === 0) return '*';
  const list = places.slice(0, hostsMax).map((place) => rules[place]?.host);
  const last = places[hostsMax - 1] ?? rules.length;
  const more = rules.length > last + 1 ? ` + ${rules.length - hostsMax} more...` : '';
  return list.join(',') + more;
}

const hostsMax = 3;

/** `services/default/kubernetes` */
function addressParent({ spec }: Shown<IPAddress>): string {
  if (spec?.parentRef === undefined) return '<none>';
  const { group, resource = '', namespace, name: parent = '' } = spec.parentRef;
  const kind = (group ? `${resource}.${group}` : resource).toLowerCase();
  return [kind, ...(namespace ? [namespace] : []), parent].join('/');
}

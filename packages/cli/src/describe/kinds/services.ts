import { type Shown, formatLabels } from '@fairway/kind-rules/shown';
import { Service, type ServicePort } from '@fairway/kinds/core/v1';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { describerOf } from '../describer.ts';
import { type Lines, field, fieldIfAny, lines } from '../lines.ts';
import { headLines } from '../metadata-lines.ts';
import { readyEndpointsText, slicesOf } from './ready-endpoints.ts';

/** Describes a service: its addresses and ports, and who answers there. */
export const service = describerOf({
  resource: Service,
  questions: ({ metadata }) => ({
    slices: slicesOf(metadata?.name ?? '', metadata?.namespace ?? ''),
  }),
  describe: (served, { slices }) => {
    const { spec = {} } = served;
    return lines(
      headLines(served),
      field('Selector', formatLabels(spec.selector)),
      field('Type', spec.type ?? ''),
      addressLines(served),
      (spec.ports ?? []).flatMap((port) => portLines(port, slices.found ?? [])),
      field('Session Affinity', spec.sessionAffinity ?? ''),
      fieldIfAny('External Traffic Policy', spec.externalTrafficPolicy),
      fieldIfAny('Internal Traffic Policy', spec.internalTrafficPolicy),
      fieldIfAny('HealthCheck NodePort', spec.healthCheckNodePort || undefined),
      fieldIfAny('LoadBalancer Source Ranges', spec.loadBalancerSourceRanges?.join(',')),
      fieldIfAny('Traffic Distribution', spec.trafficDistribution),
    );
  },
});

function addressLines({ spec = {}, status }: Shown<Service>): Lines {
  return lines(
    fieldIfAny('IP Family Policy', spec.ipFamilyPolicy),
    field('IP Families', spec.ipFamilies?.join(',') || '<none>'),
    field('IP', spec.clusterIP ?? ''),
    field('IPs', spec.clusterIPs?.join(',') || '<none>'),
    fieldIfAny('External IPs', spec.externalIPs?.join(',')),
    fieldIfAny('Desired LoadBalancer IP', spec.loadBalancerIP),
    fieldIfAny('External Name', spec.externalName),
    fieldIfAny('LoadBalancer Ingress', balancerText(status)),
  );
}

/** `10.0.0.9 (VIP), lb.example` */
function balancerText(status: Shown<Service>['status']): string {
  const texts = (status?.loadBalancer?.ingress ?? []).map(({ ip, ipMode, hostname = '' }) => {
    if (!ip) return hostname;
    return ipMode === undefined ? ip : `${ip} (${ipMode})`;
  });
  return texts.join(', ');
}

function portLines(port: Shown<ServicePort>, slices: readonly Shown<EndpointSlice>[]): Lines {
  const { name = '', protocol = '', nodePort = 0 } = port;
  const shownName = name || '<unset>';
  return lines(
    field('Port', `${shownName}\t${port.port ?? 0}/${protocol}`),
    field('TargetPort', `${port.targetPort ?? 0}/${protocol}`),
    fieldIfAny('AppProtocol', port.appProtocol),
    nodePort === 0 ? undefined : field('NodePort', `${shownName}\t${nodePort}/${protocol}`),
    field('Endpoints', readyEndpointsText(slices, name)),
  );
}

import { type Shown, loadBalancerAddresses } from '@fairway/kind-rules/shown';
import { Service } from '@fairway/kinds/core/v1';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import {
  Ingress,
  type IngressBackend,
  IngressClass,
  type IngressTLS,
} from '@fairway/kinds/networking/v1';
import { type Answers, type ListQuestion, type ObjectQuestion, describerOf } from '../describer.ts';
import { type Lines, field, indented, lines, section } from '../lines.ts';
import { annotationLines, clusterHeadLines, labelLines } from '../metadata-lines.ts';
import { readyEndpointsText, slicesOf } from './ready-endpoints.ts';

type BackendQuestions = Readonly<
  Record<`service ${string}`, ObjectQuestion<Service>> &
    Record<`slices ${string}`, ListQuestion<EndpointSlice>>
>;

/** Describes an ingress: which paths of which hosts lead to which services. */
export const ingress = describerOf<Ingress, BackendQuestions>({
  resource: Ingress,
  questions: (entry) => {
    const namespace = entry.metadata?.namespace ?? '';
    const names = backendsOf(entry).flatMap(({ service }) => service?.name ?? []);
    const questions = [...new Set(names)].flatMap((name) => [
      [`service ${name}`, { get: Service, name, namespace }] as const,
      [`slices ${name}`, slicesOf(name, namespace)] as const,
    ]);
    return Object.fromEntries(questions) as BackendQuestions;
  },
  describe: (entry, answers) => {
    const { metadata, spec = {}, status } = entry;
    const { defaultBackend, tls = [] } = spec;
    const byDefault = defaultBackend ? backendText(defaultBackend, answers) : '<default>';
    return lines(
      field('Name', metadata?.name ?? ''),
      labelLines('Labels', metadata?.labels),
      field('Namespace', metadata?.namespace ?? ''),
      field('Address', loadBalancerAddresses(status?.loadBalancer).join(',')),
      field('Ingress Class', spec.ingressClassName ?? '<none>'),
      field('Default backend', byDefault),
      tls.length === 0 ? undefined : section('TLS', tls.map(tlsText)),
      section('Rules', ruleLines(entry, answers, byDefault)),
      annotationLines(metadata?.annotations),
    );
  },
});

/** Describes who answers the ingresses of a class. */
export const ingressClass = describerOf<IngressClass>({
  resource: IngressClass,
  describe: (object) => {
    const { controller = '', parameters } = object.spec ?? {};
    return lines(
      clusterHeadLines(object),
      field('Controller', controller),
      parameters &&
        section(
          'Parameters',
          lines(
            parameters.apiGroup === undefined ? undefined : field('APIGroup', parameters.apiGroup),
            field('Kind', parameters.kind ?? ''),
            field('Name', parameters.name ?? ''),
          ),
        ),
    );
  },
});

function backendsOf({ spec = {} }: Shown<Ingress>): readonly Shown<IngressBackend>[] {
  const paths = (spec.rules ?? []).flatMap(({ http }) => http?.paths ?? []);
  return [spec.defaultBackend, ...paths.map(({ backend }) => backend)].flatMap(
    (backend) => backend ?? [],
  );
}

function ruleLines(
  { spec }: Shown<Ingress>,
  answers: Answers<BackendQuestions>,
  byDefault: string,
): Lines {
  const rules = (spec?.rules ?? []).flatMap(({ host, http }): Lines => {
    if (http === undefined) return [];
    const paths = (http.paths ?? []).map(
      ({ path = '', backend = {} }) => `\t${path} \t${backendText(backend, answers)}`,
    );
    return [`${host || '*'}\t`, ...indented(paths)];
  });
  const header = ['Host\tPath\tBackends', '----\t----\t--------'];
  return [...header, ...(rules.length === 0 ? [`*\t*\t${byDefault}`] : rules)];
}

/** `web:80 (10.7.0.5:8080)` */
function backendText(
  { service, resource }: Shown<IngressBackend>,
  answers: Answers<BackendQuestions>,
): string {
  if (service !== undefined) {
    const { name = '', port = {} } = service;
    const shown = `${name}:${port.number || (port.name ?? '')}`;
    const slices = answers[`slices ${name}`];
    const held = answers[`service ${name}`];
    const refusal = slices?.refusal ?? held?.refusal;
    if (refusal !== undefined) return `${shown} (<error: ${refusal.message}>)`;
    const portName = held?.found?.spec?.ports?.findLast((each) =>
      port.number ? each.port === port.number : port.name !== undefined && each.name === port.name,
    )?.name;
    return `${shown} (${readyEndpointsText(slices?.found ?? [], portName ?? '')})`;
  }
  if (resource === undefined) return '';
  const { apiGroup = '<none>', kind = '', name = '' } = resource;
  return `APIGroup: ${apiGroup}, Kind: ${kind}, Name: ${name}`;
}

function tlsText({ secretName, hosts = [] }: Shown<IngressTLS>): string {
  const names = hosts.join(',');
  return secretName ? `${secretName} terminates ${names}` : `SNI routes ${names}`;
}

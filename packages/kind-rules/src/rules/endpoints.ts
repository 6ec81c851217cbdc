import {
  checkDnsSubdomain,
  checkLabelValue,
  type Draft,
  duplicate,
  type FieldError,
  invalidValue,
  type ObjectDraft,
  required,
  tooMany,
  unsupported,
} from '@fairway/protocol';
import { isIPv6 } from 'node:net';
import type { EndpointAddress, Endpoints } from '@fairway/kinds/core/v1';
import type { Endpoint, EndpointSlice } from '@fairway/kinds/discovery/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectDnsLabel,
  expectDnsSubdomain,
  expectLabels,
  expectOneOf,
  expectPortNumber,
  expectQualifiedName,
  expectUnique,
  FieldErrors,
  immutableText,
} from '../field-checks.ts';
import { expectPublicAddress } from './ip-addresses.ts';
import { canonicalIpAddress } from '../string-formats.ts';

type EndpointsDraft = ObjectDraft<Endpoints>;
type SliceDraft = ObjectDraft<EndpointSlice>;

const protocols = ['SCTP', 'TCP', 'UDP'];

/** Source: v1 Endpoints; core validation, ValidateEndpoints. */
export const endpointsRules: KindRules<EndpointsDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (endpoints) => {
    for (const subset of endpoints.subsets ?? []) {
      for (const port of subset.ports ?? []) {
        if (!port.protocol) port.protocol = 'TCP';
      }
    }
  },
  validate: validateEndpoints,
};

function validateEndpoints(
  endpoints: EndpointsDraft,
  storedEndpoints?: EndpointsDraft,
): readonly FieldError[] {
  const errors = new FieldErrors();
  const stored = new Set(
    storedEndpoints?.subsets?.flatMap(({ addresses = [], notReadyAddresses = [] }) =>
      [...addresses, ...notReadyAddresses].map(({ ip }) => ip ?? ''),
    ),
  );
  endpoints.subsets?.forEach((subset, index) => {
    const path = `subsets[${index}]`;
    if (!subset.addresses?.length && !subset.notReadyAddresses?.length) {
      errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
    }
    for (const name of ['addresses', 'notReadyAddresses'] as const) {
      subset[name]?.forEach((address, addressIndex) => {
        const place = { field: `${path}.${name}[${addressIndex}]`, stored };
        validateAddress(address, place, errors);
      });
    }
    const ports = subset.ports ?? [];
    ports.forEach((port, portIndex) => {
      const field = `${path}.ports[${portIndex}]`;
      if (port.name) expectDnsLabel(port.name, `${field}.name`, errors);
      else if (ports.length > 1) errors.push(required(`${field}.name`));
      expectPortNumber(port.port, `${field}.port`, errors);
      expectOneOf(port.protocol, { field: `${field}.protocol`, supported: protocols }, errors);
      if (port.appProtocol !== undefined) {
        expectQualifiedName(port.appProtocol, `${field}.appProtocol`, errors);
      }
    });
  });
  return errors;
}

function validateAddress(
  address: Draft<EndpointAddress>,
  { field, stored }: { readonly field: string; readonly stored: ReadonlySet<string> },
  errors: FieldErrors,
): void {
  if (address.hostname) expectDnsLabel(address.hostname, `${field}.hostname`, errors);
  if (address.nodeName !== undefined) {
    expectDnsSubdomain(address.nodeName, `${field}.nodeName`, errors);
  }
  expectPublicAddress(address.ip ?? '', { field: `${field}.ip`, stored }, errors);
}

/**
 * All addresses of a slice have the one type that `addressType` names.
 * Source: discovery.k8s.io/v1 EndpointSlice; discovery validation; KEP-752.
 */
export const endpointSliceRules: KindRules<SliceDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (slice) => {
    for (const endpoint of slice.endpoints ?? []) endpoint.conditions ??= {};
    for (const port of slice.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  validate: validateSlice,
  validateUpdate: (slice, stored) =>
    slice.addressType === stored.addressType
      ? []
      : [invalidValue('addressType', slice.addressType ?? '', immutableText)],
};

const endpointsMax = 1000;
const addressesMax = 100;
const portsMax = 20_000;

function validateSlice(slice: SliceDraft, storedSlice?: SliceDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const stored = new Set(storedSlice?.endpoints?.flatMap(({ addresses = [] }) => addresses));
  const types = ['FQDN', 'IPv4', 'IPv6'];
  const type = slice.addressType ?? '';
  if (type === '') errors.push(required('addressType'));
  else if (!types.includes(type)) errors.push(unsupported('addressType', type, types));
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > endpointsMax) {
    errors.push(tooMany('endpoints', endpoints.length, endpointsMax));
  } else {
    endpoints.forEach((endpoint, index) => {
      validateEndpoint(endpoint, { type, field: `endpoints[${index}]`, stored }, errors);
    });
  }
  validateSlicePorts(slice, errors);
  return errors;
}

interface EndpointPlace {
  readonly type: string;
  readonly field: string;
  /** Addresses of the stored slice, which may stay as they are written. */
  readonly stored: ReadonlySet<string>;
}

function validateEndpoint(
  endpoint: Draft<Endpoint>,
  { type, field, stored }: EndpointPlace,
  errors: FieldErrors,
): void {
  const addresses = endpoint.addresses ?? [];
  if (addresses.length === 0) {
    errors.push(required(`${field}.addresses`, 'must contain at least 1 address'));
  } else if (addresses.length > addressesMax) {
    errors.push(tooMany(`${field}.addresses`, addresses.length, addressesMax));
  }
  addresses.forEach((address, index) => {
    const path = `${field}.addresses[${index}]`;
    if (type === 'FQDN') return expectDomain(address, path, errors);
    // Of another type nothing is known but that there is no such type.
    if (stored.has(address) || (type !== 'IPv4' && type !== 'IPv6')) return;
    const before = errors.length;
    const wrong = canonicalIpAddress(address);
    if (wrong !== undefined) errors.push(invalidValue(path, address, wrong));
    else expectPublicAddress(address, { field: path }, errors);
    const isWrongFamily = errors.length === before && (type === 'IPv6') !== isIPv6(address);
    if (isWrongFamily) errors.push(invalidValue(path, address, `must be an ${type} address`));
  });
  if (endpoint.nodeName !== undefined) {
    expectDnsSubdomain(endpoint.nodeName, `${field}.nodeName`, errors);
  }
  const topology = endpoint.deprecatedTopology ?? {};
  const labels = Object.keys(topology).length;
  if (labels > topologyLabelsMax) {
    errors.push(tooMany(`${field}.deprecatedTopology`, labels, topologyLabelsMax));
  }
  expectLabels(topology, `${field}.deprecatedTopology`, errors);
  if (endpoint.hostname !== undefined) {
    expectDnsLabel(endpoint.hostname, `${field}.hostname`, errors);
  }
  validateHints(endpoint.hints?.forZones ?? [], `${field}.hints.forZones`, errors);
  validateHints(endpoint.hints?.forNodes ?? [], `${field}.hints.forNodes`, errors);
}

const topologyLabelsMax = 16;

/** A name of two labels at least, with or without the dot of the root. */
function expectDomain(address: string, field: string, errors: FieldErrors): void {
  const name = address.replace(/\.$/, '');
  const wrong = checkDnsSubdomain(name);
  if (address === '') errors.push(required(field));
  else if (wrong !== undefined) errors.push(invalidValue(field, name, wrong));
  else if (!name.includes('.')) {
    const text = 'should be a domain with at least two segments separated by dots';
    errors.push(invalidValue(field, name, text));
  } else {
    for (const label of name.split('.')) expectDnsLabel(label, field, errors);
  }
}

const hintsMax = 8;

/** Where an endpoint had best be used from: a few zones or nodes, each once. */
function validateHints(
  hints: readonly { readonly name?: string }[],
  field: string,
  errors: FieldErrors,
): void {
  if (hints.length > hintsMax) {
    errors.push(tooMany(field, hints.length, hintsMax));
    return;
  }
  const names = new Set<string>();
  hints.forEach(({ name = '' }, index) => {
    const path = `${field}[${index}].name`;
    expectUnique(names, { value: name, field: path }, errors);
    const wrong = checkLabelValue(name);
    if (wrong !== undefined) errors.push(invalidValue(path, name, wrong));
  });
}

function validateSlicePorts(slice: SliceDraft, errors: FieldErrors): void {
  const ports = slice.ports ?? [];
  if (ports.length > portsMax) {
    errors.push(tooMany('ports', ports.length, portsMax));
    return;
  }
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const path = `ports[${index}]`;
    const name = port.name ?? '';
    if (name !== '') expectDnsLabel(name, `${path}.name`, errors);
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    expectOneOf(port.protocol, { field: `${path}.protocol`, supported: protocols }, errors);
    if (port.appProtocol !== undefined) {
      expectQualifiedName(port.appProtocol, `${path}.appProtocol`, errors);
    }
  });
}

import { type Draft, duplicate, forbiddenField, required } from '@fairway/protocol';
import type { ServicePort, ServiceSpec } from '@fairway/kinds/core/v1';

import {
  expectDnsLabel,
  expectOneOf,
  expectPortNumber,
  expectPortOrName,
  expectQualifiedName,
  expectUnique,
  type FieldErrors,
} from '../field-checks.ts';

/** Each port by itself, and that their names differ. Source: core validation, validateServicePort. */
export function validatePorts(spec: Draft<ServiceSpec>, errors: FieldErrors): void {
  const names = new Set<string>();
  const ports = spec.ports ?? [];
  ports.forEach((port, index) => {
    const path = `spec.ports[${index}]`;
    if (!port.name) {
      if (ports.length > 1) errors.push(required(`${path}.name`));
    } else {
      expectDnsLabel(port.name, `${path}.name`, errors);
      expectUnique(names, { value: port.name, field: `${path}.name` }, errors);
    }
    expectPortNumber(port.port, `${path}.port`, errors);
    const supported = ['SCTP', 'TCP', 'UDP'];
    expectOneOf(port.protocol, { field: `${path}.protocol`, supported }, errors);
    expectPortOrName(port.targetPort, `${path}.targetPort`, errors);
    if (port.appProtocol !== undefined) {
      expectQualifiedName(port.appProtocol, `${path}.appProtocol`, errors);
    }
  });
}

/** What ports take from each other, and whether the type of their service has node ports. */
export function validatePortUse(spec: Draft<ServiceSpec>, errors: FieldErrors): void {
  const ports = spec.ports ?? [];
  if (spec.type === 'ClusterIP') {
    ports.forEach((port, index) => {
      if (port.nodePort) {
        const text = "may not be used when `type` is 'ClusterIP'";
        errors.push(forbiddenField(`spec.ports[${index}].nodePort`, text));
      }
    });
  }
  const nodePorts = new Set<string>();
  ports.forEach((port, index) => {
    if (!port.nodePort) return;
    const key = `${port.protocol}/${port.nodePort}`;
    if (nodePorts.has(key)) {
      errors.push(duplicate(`spec.ports[${index}].nodePort`, port.nodePort));
    }
    nodePorts.add(key);
  });
  const seen = new Set<string>();
  ports.forEach((port, index) => {
    const key = `${port.protocol}/${port.port}`;
    if (seen.has(key)) errors.push(duplicate(`spec.ports[${index}]`, portKey(port)));
    seen.add(key);
  });
}

function portKey(port: Draft<ServicePort>): object {
  return {
    Name: '',
    Protocol: port.protocol,
    AppProtocol: null,
    Port: port.port,
    TargetPort: 0,
    NodePort: 0,
  };
}

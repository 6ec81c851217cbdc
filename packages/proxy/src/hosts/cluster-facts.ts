import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';

/** What is looked at of services, their endpoints and pods. Source: Kubernetes API, v1 and discovery.k8s.io/v1. */
export interface ServiceFacts extends KubernetesObject {
  readonly spec?: {
    readonly ports?: readonly ServicePortFacts[] | null;
  };
}

export interface ServicePortFacts {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

export interface SliceFacts extends KubernetesObject {
  // An empty list may come as null.
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
  readonly endpoints?:
    | readonly {
        readonly conditions?: { readonly ready?: boolean };
        readonly targetRef?: {
          readonly kind?: string;
          readonly namespace?: string;
          readonly name?: string;
        };
      }[]
    | null;
}

export interface PodFacts extends KubernetesObject {
  readonly spec?: {
    readonly containers?: readonly {
      readonly ports?:
        | readonly {
            readonly name?: string;
            readonly containerPort: number;
            readonly protocol?: string;
          }[]
        | null;
    }[];
  };
  readonly status?: { readonly phase?: string };
}

const core = { group: '', version: 'v1', isNamespaced: true } as const;

export const services: ResourceDescriptor<ServiceFacts> = {
  ...core,
  kind: 'Service',
  plural: 'services',
};

export const pods: ResourceDescriptor<PodFacts> = { ...core, kind: 'Pod', plural: 'pods' };

export const endpointSlices: ResourceDescriptor<SliceFacts> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  isNamespaced: true,
};

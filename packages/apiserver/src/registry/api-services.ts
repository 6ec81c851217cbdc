import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { type GroupVersion, equalsJson } from '@fairway/protocol';
import { type ApiPriority, usualPriority } from './api-priorities.ts';

/** The APIServices of the cluster, as they are in the store. */
export class ApiServices {
  readonly #byName = new Map<string, APIService>();
  #version = 1;

  /** Grows whenever something has changed that callers see in documents. */
  get version(): number {
    return this.#version;
  }

  get all(): readonly APIService[] {
    return [...this.#byName.values()];
  }

  find(groupVersion: GroupVersion): APIService | undefined {
    return this.#byName.get(apiServiceName(groupVersion));
  }

  /** Which place a version of a group has in discovery. */
  priorityOf(groupVersion: GroupVersion): ApiPriority {
    const spec = this.find(groupVersion)?.spec;
    if (spec === undefined) return usualPriority(groupVersion);
    return { group: spec.groupPriorityMinimum, version: spec.versionPriority };
  }

  put(service: APIService): void {
    const name = nameOf(service);
    const known = this.#byName.get(name);
    this.#byName.set(name, service);
    if (!equalsJson(known?.spec, service.spec)) this.#version += 1;
  }

  delete(name: string): void {
    if (this.#byName.delete(name)) this.#version += 1;
  }
}

/** Which version of which group an APIService is for. */
export function groupVersionOf({ spec }: APIService): GroupVersion {
  const { group = '', version = '' } = spec ?? {};
  return { group, version };
}

export function nameOf({ metadata }: APIService): string {
  return metadata?.name ?? '';
}

/** `v1.apps`, and `v1.` for the core API. */
export function apiServiceName({ group, version }: GroupVersion): string {
  return `${version}.${group}`;
}

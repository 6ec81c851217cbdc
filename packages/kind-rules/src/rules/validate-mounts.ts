import {
  type Draft,
  forbiddenField,
  invalidValue,
  missing,
  required,
  unsupported,
} from '@fairway/protocol';
import type { Container, VolumeMount } from '@fairway/kinds/core/v1';

import { expectOptionalOneOf, type FieldErrors } from '../field-checks.ts';
import { expectDescendingPath, expectNoBacksteps } from './validate-file-paths.ts';
import type { VolumesByName } from './validate-volumes.ts';

interface MountPlace {
  /** The path of the container. */
  readonly field: string;
  readonly volumes: VolumesByName;
}

/**
 * What is wrong with how a container mounts the volumes of its pod.
 * Source: core validation, ValidateVolumeMounts; KEP-3857 for recursive read-only mounts.
 */
export function validateMounts(
  container: Draft<Container>,
  place: MountPlace,
  errors: FieldErrors,
): void {
  const paths = new Set<string>();
  const devices = {
    names: new Set(container.volumeDevices?.map((device) => device.name)),
    paths: new Set(container.volumeDevices?.map((device) => device.devicePath)),
  };
  container.volumeMounts?.forEach((mount, index) => {
    const path = `${place.field}.volumeMounts[${index}]`;
    const mountPath = mount.mountPath ?? '';
    validateMount(mount, { container, place, path, devices }, errors);
    if (paths.has(mountPath)) {
      errors.push(invalidValue(`${path}.mountPath`, mountPath, 'must be unique'));
    }
    paths.add(mountPath);
    validateMountOptions(mount, { container, place, path, devices }, errors);
  });
  if (container.volumeDevices) validateDevices(container, place, errors);
}

interface OneMount {
  readonly container: Draft<Container>;
  readonly place: MountPlace;
  readonly path: string;
  /** The devices of the container. */
  readonly devices: {
    readonly names: ReadonlySet<string | undefined>;
    readonly paths: ReadonlySet<string | undefined>;
  };
}

function validateMount(mount: Draft<VolumeMount>, one: OneMount, errors: FieldErrors): void {
  const name = mount.name ?? '';
  if (name === '') errors.push(required(`${one.path}.name`));
  if (!one.place.volumes.has(name)) errors.push(missing(`${one.path}.name`, name));
  if (!mount.mountPath) errors.push(required(`${one.path}.mountPath`));
}

function validateMountOptions(mount: Draft<VolumeMount>, one: OneMount, errors: FieldErrors): void {
  const { container, path, place, devices } = one;
  const list = `${place.field}.volumeMounts`;
  if (devices.names.has(mount.name)) {
    const text = 'must not already exist in volumeDevices';
    errors.push(invalidValue(`${path}.name`, mount.name, text));
  }
  if (devices.paths.has(mount.mountPath)) {
    const text = 'must not already exist as a path in volumeDevices';
    errors.push(invalidValue(`${path}.mountPath`, mount.mountPath, text));
  }
  if (mount.subPath) expectDescendingPath(mount.subPath, `${list}.subPath`, errors);
  if (mount.subPathExpr) {
    if (mount.subPath) {
      const text = 'subPathExpr and subPath are mutually exclusive';
      errors.push(invalidValue(`${path}.subPathExpr`, mount.subPathExpr, text));
    }
    expectDescendingPath(mount.subPathExpr, `${list}.subPathExpr`, errors);
  }
  validatePropagation(mount, { isPrivileged: isPrivileged(container), list }, errors);
}

function isPrivileged(container: Draft<Container>): boolean {
  return container.securityContext?.privileged === true;
}

function validatePropagation(
  mount: Draft<VolumeMount>,
  { isPrivileged, list }: { readonly isPrivileged: boolean; readonly list: string },
  errors: FieldErrors,
): void {
  const supported = ['Bidirectional', 'HostToContainer', 'None'];
  const field = `${list}.mountPropagation`;
  expectOptionalOneOf(mount.mountPropagation, { field, supported }, errors);
  if (mount.mountPropagation === 'Bidirectional' && !isPrivileged) {
    const text = 'Bidirectional mount propagation is available only to privileged containers';
    errors.push(forbiddenField(field, text));
  }
  const recursive = mount.recursiveReadOnly;
  if (!recursive || recursive === 'Disabled') return;
  const recursiveField = `${list}.recursiveReadOnly`;
  if (recursive !== 'Enabled' && recursive !== 'IfPossible') {
    const known = ['Disabled', 'Enabled', 'IfPossible'];
    errors.push(unsupported(recursiveField, recursive, known));
    return;
  }
  if (!mount.readOnly) {
    errors.push(forbiddenField(recursiveField, 'may only be specified when readOnly is true'));
  }
  if (mount.mountPropagation && mount.mountPropagation !== 'None') {
    const text = 'may only be specified when mountPropagation is None or not specified';
    errors.push(forbiddenField(recursiveField, text));
  }
}

function validateDevices(
  container: Draft<Container>,
  place: MountPlace,
  errors: FieldErrors,
): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  const mounted = new Set(container.volumeMounts?.map((mount) => mount.name));
  container.volumeDevices?.forEach((device, index) => {
    const path = `${place.field}.volumeDevices[${index}]`;
    const name = device.name ?? '';
    const devicePath = device.devicePath ?? '';
    const volume = place.volumes.get(name);
    if (name === '') errors.push(required(`${path}.name`));
    if (names.has(name)) errors.push(invalidValue(`${path}.name`, name, 'must be unique'));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      const text =
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(invalidValue(`${path}.name`, name, text));
    }
    if (!volume) errors.push(missing(`${path}.name`, name));
    if (devicePath === '') errors.push(required(`${path}.devicePath`));
    if (paths.has(devicePath)) {
      errors.push(invalidValue(`${path}.devicePath`, devicePath, 'must be unique'));
    }
    expectNoBacksteps(devicePath, `${path}.devicePath`, errors);
    paths.add(devicePath);
    names.add(name);
    if (mounted.has(name)) {
      const text = 'must not already exist in volumeMounts';
      errors.push(invalidValue(`${path}.name`, name, text));
    }
  });
}

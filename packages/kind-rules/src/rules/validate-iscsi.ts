import { type Draft, invalidValue, required } from '@fairway/protocol';
import type { ISCSIPersistentVolumeSource, ISCSIVolumeSource } from '@fairway/kinds/core/v1';

import { expectPresent, type FieldErrors } from '../field-checks.ts';

const malformedText = 'must be valid format';

/**
 * What is wrong with a volume that iSCSI brings, in a pod or of its own. `formText`: what is said of a name
 * of no known form, which differs between the two.
 * Source: core validation, validateISCSIVolumeSource and validateISCSIPersistentVolumeSource.
 */
export function validateIscsi(
  iscsi: Draft<ISCSIVolumeSource> | Draft<ISCSIPersistentVolumeSource>,
  { field, formText = malformedText }: { readonly field: string; readonly formText?: string },
  errors: FieldErrors,
): void {
  const expectName = (name: string, place: string): void => {
    const form = nameForms[name.slice(0, 3)];
    if (form?.test(name)) return;
    errors.push(invalidValue(place, name, form === undefined ? formText : malformedText));
  };
  expectPresent(iscsi, ['targetPortal', 'iqn'], { field }, errors);
  if (iscsi.iqn) expectName(iscsi.iqn, `${field}.iqn`);
  expectLun(iscsi.lun ?? 0, `${field}.lun`, errors);
  if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !iscsi.secretRef) {
    errors.push(required(`${field}.secretRef`));
  }
  if (iscsi.initiatorName === undefined) return;
  expectName(iscsi.initiatorName, `${field}.initiatorname`);
}

/** What a target calls one of its disks. */
export function expectLun(lun: number, field: string, errors: FieldErrors): void {
  if (lun >= 0 && lun <= 255) return;
  errors.push(invalidValue(field, lun, 'must be between 0 and 255, inclusive'));
}

/** Forms of an iSCSI name, by what it begins with. Source: RFC 3720, 3.2.6. */
const nameForms: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
};

/** The annotations by which claims, volumes, schedulers and provisioners tell each other where they are. */
export const bindCompleted = 'pv.kubernetes.io/bind-completed';
/** The binding was the controller's choice, and not the user's. */
export const boundByController = 'pv.kubernetes.io/bound-by-controller';
/** Who makes the volume of a claim; provisioners look at the claims that name them. */
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner';
export const storageProvisionerBefore = 'volume.beta.kubernetes.io/storage-provisioner';
/** Where the scheduler wants the pod, and so the volume. */
export const selectedNode = 'volume.kubernetes.io/selected-node';
/** Who has made a volume, and is to delete it. */
export const provisionedBy = 'pv.kubernetes.io/provisioned-by';
/** What named the class before there was a field for it; it still goes first. */
const storageClassBefore = 'volume.beta.kubernetes.io/storage-class';

/** The class of a claim or volume; empty for none. */
export function classNameOf({
  metadata,
  spec,
}: {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string | undefined>> };
  readonly spec?: { readonly storageClassName?: string };
}): string {
  return metadata?.annotations?.[storageClassBefore] ?? spec?.storageClassName ?? '';
}

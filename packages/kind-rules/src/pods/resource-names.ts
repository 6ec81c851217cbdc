import { checkQualifiedName } from '@fairway/protocol';

/** A resource of Kubernetes itself: no domain, or a domain under kubernetes.io. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || /(^|\.)kubernetes\.io\//.test(name);
}

/** A resource of somebody else's, which may stand where a quota counts requests. */
export function isExtendedResource(name: string): boolean {
  return (
    !isNativeResource(name) &&
    !name.startsWith('requests.') &&
    checkQualifiedName(`requests.${name}`) === undefined
  );
}

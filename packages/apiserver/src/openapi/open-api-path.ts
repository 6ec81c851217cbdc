import { type GroupVersion, groupVersionPath } from '@fairway/protocol';

/** Where the document of a version lies below `/openapi/v3/`: `apis/apps/v1`. */
export function openApiPath(groupVersion: GroupVersion): string {
  return groupVersionPath(groupVersion).slice(1);
}

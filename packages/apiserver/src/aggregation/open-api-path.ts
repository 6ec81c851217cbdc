import type { APIService } from '@fairway/kinds/apiregistration/v1';

/** Where the document of what an APIService is for lies below `/openapi/v3/`. */
export function openApiPath({ spec }: APIService): string {
  const { group = '', version = '' } = spec ?? {};
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

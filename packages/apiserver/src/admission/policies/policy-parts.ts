import type { Authorizer } from '@fairway/access';
import type { ClusterReader } from '../../reads/cluster-reader.ts';
import type { ParameterParts } from './find-parameters.ts';

/** What policies look at beside the request. */
export interface PolicyParts extends ParameterParts {
  readonly cluster: ClusterReader;
  readonly authorizer: Authorizer;
}

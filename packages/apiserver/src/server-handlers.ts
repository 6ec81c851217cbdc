import { type Authenticator, mastersGroup } from '@fairway/access';
import { giveWay } from '@fairway/host';
import type { Handler, UpgradeHandler, UserInfo } from '@fairway/protocol';
import { type RequestPipelineParts, buildRequestPipeline } from './request-pipeline.ts';
import { type RouteOptions, routeRequest, routeUpgrade } from './route-request.ts';
import { buildUpgradePipeline } from './upgrade-pipeline.ts';

/** The ways into a server. */
export interface ServerHandlers {
  /** Authenticates each request by its credentials. */
  readonly handler: Handler;
  /**
   * The same API for callers inside the process: requests are made as the user given, without
   * authentication.
   */
  handlerFor(user: UserInfo): Handler;
  /** What may become a stream; a request that cannot is refused with the answer of `handler`. */
  readonly upgrade: UpgradeHandler;
  /** As `handlerFor`. */
  upgradeFor(user: UserInfo): UpgradeHandler;
}

/** The user as which a server calls its own API. */
export const loopbackUser: UserInfo = { username: 'system:apiserver', groups: [mastersGroup] };

/** Puts the filters of every request before what answers it. */
export function serverHandlers(parts: RequestPipelineParts, routes: RouteOptions): ServerHandlers {
  const pipeline = (authenticator: Authenticator): Handler =>
    buildRequestPipeline({ ...parts, authenticator }, routeRequest(routes));
  const upgradePipeline = (authenticator: Authenticator, handler: Handler): UpgradeHandler =>
    buildUpgradePipeline({ ...parts, authenticator }, { handler, route: routeUpgrade(routes) });
  const handler = pipeline(parts.authenticator);
  const handlerFor = (user: UserInfo): Handler => givingWay(pipeline(isAlways(user)));
  return {
    handler,
    handlerFor,
    upgrade: upgradePipeline(parts.authenticator, handler),
    upgradeFor: (user) => upgradePipeline(isAlways(user), handlerFor(user)),
  };
}

/** Whoever calls is taken for this user. */
function isAlways(user: UserInfo): Authenticator {
  return async () => ({ kind: 'authenticated', user });
}

/**
 * Calls from inside the process never wait for a socket, so a caller that makes many of them would
 * keep the event loop busy.
 */
function givingWay(handler: Handler): Handler {
  return async (request) => {
    await giveWay();
    return handler(request);
  };
}

import { type HttpRequest, onBodyEnd, onUpgradeEnd } from '@fairway/protocol';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';

/** A proxy that keeps connections, until it is disposed of. */
export interface RunningProxy extends Proxy, AsyncDisposable {}

/**
 * A proxy that can be exchanged while it serves: requests that have begun go on with the one they came to, which is let go
 * of after the last of them.
 */
export class SwitchedProxy implements RunningProxy {
  #current: InUse;

  constructor(first: RunningProxy) {
    this.#current = new InUse(first);
  }

  readonly handler = (request: HttpRequest): ReturnType<Proxy['handler']> =>
    this.#current.handler(request);

  readonly upgradeHandler = (request: HttpRequest): ReturnType<Proxy['upgradeHandler']> =>
    this.#current.upgradeHandler(request);

  /** New requests come to `next` from now on. */
  switchTo(next: RunningProxy): void {
    const last = this.#current;
    this.#current = new InUse(next);
    last.leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current.proxy[Symbol.asyncDispose]();
  }
}

class InUse implements Proxy {
  readonly proxy: RunningProxy;
  #requests = 0;
  #isLeft = false;

  constructor(proxy: RunningProxy) {
    this.proxy = proxy;
  }

  readonly handler: Proxy['handler'] = async (request) => {
    this.#requests += 1;
    try {
      return onBodyEnd(await this.proxy.handler(request), () => this.#end());
    } catch (error) {
      this.#end();
      throw error;
    }
  };

  readonly upgradeHandler: Proxy['upgradeHandler'] = async (request) => {
    this.#requests += 1;
    try {
      return onUpgradeEnd(await this.proxy.upgradeHandler(request), () => this.#end());
    } catch (error) {
      this.#end();
      throw error;
    }
  };

  leave(): void {
    this.#isLeft = true;
    this.#closeWhenIdle();
  }

  #end(): void {
    this.#requests -= 1;
    this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    // Nobody waits for it, and nothing is under way that could fail.
    if (this.#isLeft && this.#requests === 0) void this.proxy[Symbol.asyncDispose]();
  }
}

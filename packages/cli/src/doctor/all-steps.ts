import type { Step } from './step.ts';
import { clockStep } from './steps/compare-clocks.ts';
import { versionStep } from './steps/compare-versions.ts';
import { rightsStep } from './steps/check-rights.ts';
import { configurationStep } from './steps/find-configuration.ts';
import { credentialStep } from './steps/find-credential.ts';
import { identityStep } from './steps/identify-caller.ts';
import { nameStep } from './steps/look-up-name.ts';
import { proxyStep } from './steps/pass-proxy.ts';
import { tlsStep } from './steps/prove-server.ts';
import { addressStep } from './steps/reach-addresses.ts';
import { apiStep } from './steps/recognize-api.ts';
import { streamStep } from './steps/upgrade-stream.ts';

/** The layers on the way in, from the outside. The clock comes before all that depends on it. */
export const allSteps: readonly Step[] = [
  configurationStep,
  credentialStep,
  proxyStep,
  nameStep,
  addressStep,
  tlsStep,
  apiStep,
  clockStep,
  versionStep,
  identityStep,
  rightsStep,
  streamStep,
];

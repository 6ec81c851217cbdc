import {
  describeRuntime,
  openTestProcesses,
  skipWithoutNamespaces,
} from '@fairway/node-agent/testing';

describeRuntime(
  'processes',
  { skip: await skipWithoutNamespaces(), open: openTestProcesses },
  {
    'a container that takes more memory than it may is killed for it': 'nothing limits processes',
    'a container that runs gets other resources': 'nothing limits processes',
    'a container runs as whom it shall, with what it may': 'nothing filters calls of the system',
  },
);

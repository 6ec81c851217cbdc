import {
  describeRuntime,
  openTestContainerd,
  skipWithoutContainerd,
} from '@fairway/node-agent/testing';

describeRuntime('containerd', { skip: await skipWithoutContainerd(), open: openTestContainerd });

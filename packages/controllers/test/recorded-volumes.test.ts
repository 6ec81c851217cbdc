import { playStories } from './stories/play-stories.ts';

// A class for claims that name none came from nobody where this was recorded.
const controllers = ['*', '-local-path-provisioner-controller'];

playStories('pv/pvc: ', { controllers });
playStories('pvc: ', { controllers });

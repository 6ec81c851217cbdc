import { playStories } from './stories/play-stories.ts';

// A class for claims that name none came from nobody where this was recorded.
const controllers = ['*', '-local-path-provisioner-controller'];
const story = 'statefulset: ordered, claims, scale down, retention';
const why = 'a claim that is being deleted is not told once more that no volume is there for it';

playStories('statefulset: ', { controllers, gaps: [{ story, event: 'FailedBinding', why }] });

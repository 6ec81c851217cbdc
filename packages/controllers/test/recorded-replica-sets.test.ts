import { playStories } from './stories/play-stories.ts';

playStories('replicaset: ');
playStories('replicationcontroller: ');

import { playStories } from './stories/play-stories.ts';

const story = 'statefulset: ordered, claims, scale down, retention';
const why = 'nothing binds claims to volumes yet, and says that it cannot';

playStories('statefulset: ', { gaps: [{ story, event: 'FailedBinding', why }] });

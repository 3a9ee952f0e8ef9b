export { openAuthThrottle, type AuthThrottle } from './open.ts';
export type { Attempt, Decision } from './counts.ts';

export { createBackoff, pause, type Backoff, type Delays } from './backoff.ts';
export { retry, type RetryOptions } from './retry.ts';

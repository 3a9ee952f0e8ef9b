import type { ServiceName } from '@mysmtp/contracts';
import { programFile } from '@mysmtp/local-stack';
import { inject } from 'vitest';

/** The arguments of Node for a program of a service, as a bundle of this run. */
export const programOf = (service: ServiceName, name = 'main'): string[] => [
  '--conditions=mysmtp-source',
  programFile({ bundles: inject('bundles') }, service, name),
];

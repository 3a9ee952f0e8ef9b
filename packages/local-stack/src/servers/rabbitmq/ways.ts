import type { Way } from '../way.ts';
import { debian } from './debian.ts';
import { docker } from './docker.ts';
import { given } from './given.ts';
import { onPath } from './on-path.ts';

/** The sources of RabbitMQ, in order. */
export const rabbitMqWays: readonly Way[] = [given, onPath, debian, docker];

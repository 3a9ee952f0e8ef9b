import { findRabbitMq, installRabbitMq } from '@mysmtp/tooling';
import type { Way } from '../way.ts';
import { docker } from './docker.ts';
import { given } from './given.ts';
import { nodeFrom } from './node.ts';

const onPath: Way = {
  name: 'rabbitmq-server on PATH',
  kind: 'rabbitmq',
  find: async (place) => {
    const command = await findRabbitMq();
    return command === undefined ? { reason: 'not installed' } : nodeFrom(command, place);
  },
};

/** Installs Debian's package. */
const debian: Way = {
  name: 'Debian’s package rabbitmq-server',
  kind: 'rabbitmq',
  find: async (place) => {
    const refusal = await installRabbitMq(place.progress, place.step);
    const command = await findRabbitMq();
    if (refusal !== undefined || command === undefined) {
      return refusal ?? { reason: 'it has no rabbitmq-server' };
    }
    return nodeFrom(command, place);
  },
};

/** The sources of RabbitMQ, in order. */
export const rabbitMqWays: readonly Way[] = [given, onPath, debian, docker];

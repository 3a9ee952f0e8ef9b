import { createHash } from 'node:crypto';
import path from 'node:path';
import { anyPorts, choosePorts } from '../ports.ts';
import { provisionMongoDb } from '../provision/mongodb.ts';
import { passwords } from '../provision/passwords.ts';
import { provisionRabbitMq } from '../provision/rabbitmq.ts';
import type { Servers } from '../servers/start.ts';
import { certificateKeys, serviceKeys } from './signing-keys.ts';
import { internalCertificates, localCertificates } from './certificates.ts';
import { preferredPorts } from './ports.ts';
import type { Plan } from './programs.ts';
import type { StartOptions } from './options.ts';

/** Users, databases, certificates, keys and ports: created once, reused at every later start. */
export async function prepare(dir: string, servers: Servers, options: StartOptions): Promise<Plan> {
  // On servers that several stacks share, each has its own names.
  const stack = `mysmtp-${createHash('sha256').update(dir).digest('hex').slice(0, 8)}`;
  const secrets = await passwords(path.join(dir, 'services.secret.json'));
  const { fresh = false } = options;
  const keysDir = path.join(dir, 'keys');
  const [broker, databases, certificates, internal, keys, certificateKeysFile, ports] =
    await Promise.all([
      provisionRabbitMq(servers.rabbitmq.plan, stack, secrets, fresh),
      provisionMongoDb(servers.mongodb.plan, stack, secrets, fresh),
      localCertificates(dir),
      internalCertificates(path.join(dir, 'internal-tls')),
      serviceKeys(keysDir),
      certificateKeys(keysDir),
      choosePorts(
        path.join(dir, 'ports.json'),
        options.usualPorts === true ? preferredPorts : anyPorts(preferredPorts),
      ),
    ]);
  return {
    dir,
    ports,
    certificates,
    internalCertificates: internal,
    keys,
    certificateKeysFile,
    broker,
    databases,
    smarthost: options.smarthost ?? `127.0.0.1:${String(ports.mxSmtp)}`,
    networkListener: options.network !== undefined,
    env: options.env ?? {},
    bundles: options.bundles,
  };
}

export { backEndSetting, internalUrlSetting } from './back-ends.ts';
export { isDuplicateKey, octetsOf } from './bson.ts';
export { openCertificate, type Certificate, type KeyPair } from './certificate.ts';
export { clientTls } from './client-tls.ts';
export { systemClock, type Clock } from './clock.ts';
export { startJob, startPacedJob, type Job, type Pace } from './scheduler.ts';
export { commonSettings, dnsServers, keyFreshness } from './common-settings.ts';
export { databaseTime, openDatabase } from './database.ts';
export { openCommandContext, type ServiceContext } from './service-context.ts';
export { openHttpTls, type Authority, type HttpTls } from './http-tls.ts';
export { enforceSchema, MissingRightError, openCollection } from './open-collection.ts';
export { prepareDatabase } from './prepare-database.ts';
export { retentionGauges } from './retention-gauges.ts';
export { exitCodes, runService, type ServiceDefinition } from './run.ts';
export { showQueue } from './show-queue.ts';
export {
  ConfigError,
  kinds,
  readConfig,
  Secret,
  secretSetting,
  setting,
  type Config,
  type Setting,
  type Settings,
} from './settings.ts';

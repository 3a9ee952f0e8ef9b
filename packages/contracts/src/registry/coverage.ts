import { serviceNames } from '../services.ts';
import { outlives, outlivesPerson } from './outlives.ts';
import { Coverage, type Registry } from './shape.ts';

/** The coverage of a registry: all of it except the documentation. */
export const coverageOf = (registry: Registry): Coverage =>
  Coverage.parse({
    ...registry,
    services: serviceNames,
    outlives: [...outlives, ...outlivesPerson],
  });

/** The text of a coverage as stored in packages/contracts/registry; certificates contain its SHA-256. */
export const coverageText = (registry: Registry): string =>
  `${JSON.stringify(coverageOf(registry), null, 2)}\n`;

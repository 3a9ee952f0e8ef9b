import { openTally } from '@mysmtp/erasure';
import { prepareDatabase } from '@mysmtp/service';

// The collections of days get their indexes on their first day.
await prepareDatabase('logging', openTally);

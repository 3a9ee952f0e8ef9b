import { runService } from '@mysmtp/service';
import { settings } from './config.ts';
import { openResources } from './resources.ts';

/** Delivery: takes sealed mail from the broker, keeps what must wait on the shelf, delivers to the recipients' MX. */
await runService({ name: 'delivery', settings, open: openResources });

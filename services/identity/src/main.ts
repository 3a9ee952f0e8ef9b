import { runService } from '@mysmtp/service';
import { settings } from './config.ts';
import { openResources } from './resources.ts';

await runService({ name: 'identity', settings, open: openResources });

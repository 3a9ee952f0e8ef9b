import { bootstrap } from './bootstrap/bootstrap.ts';

process.exit(await bootstrap(process.argv.slice(2), process.env));

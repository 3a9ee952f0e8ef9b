import { setUpBrokerFrom } from './bootstrap/broker.ts';

process.exit(await setUpBrokerFrom(process.env));

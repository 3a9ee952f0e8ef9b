export { openBroker, type Broker } from './broker.ts';
export type { BrokerSettings } from './link.ts';
export { pauseAfter } from './pause.ts';
export { openPublisher, PublishError, type Publication, type Publisher } from './publisher.ts';
export {
  openConsumer,
  type Consumer,
  type ConsumerSettings,
  type Delivery,
  type Handle,
  type Outcome,
  type QueueState,
} from './consumer.ts';
export { outcomeOf } from './outcome-of.ts';
export { openControl, type Control, type Subscription } from './control.ts';

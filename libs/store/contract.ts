// What every event store must do, whoever keeps it: an adapter is finished when it passes this. The rules are those of
// the table in architecture.md section 3, one short test each.
import { appendRules, repeatRules } from './contract/appends';
import { raceRules } from './contract/races';
import { readAllRules, readStreamRules } from './contract/reads';
import type { MakeStore, Opened } from './contract/samples';
import {
  busySubscriberRules,
  caughtUpRules,
  closeRules,
  subscriptionEndRules,
  subscriptionRules,
} from './contract/subscriptions';
import { sizeRules, valueRules } from './contract/values';

export type { MakeStore, Opened } from './contract/samples';

/**
 * Declares the contract's tests.
 * @param make opens a store without any event; its `end` closes it and frees what it stood on
 */
export function storeContract(name: string, make: MakeStore): void {
  describe(`the event store contract, kept by ${name}`, () => {
    let opened: Opened;
    beforeEach(async () => {
      opened = await make();
    });
    afterEach(() => opened.end());
    const store = () => opened.store;

    describe('expected revision', () => appendRules(store));
    describe('idempotence', () => repeatRules(store));
    describe('reading a stream', () => readStreamRules(store));
    describe('reading all', () => readAllRules(store));
    describe('subscribing', () => subscriptionRules(store));
    describe('a busy subscriber', () => busySubscriberRules(store));
    describe('catching up', () => caughtUpRules(store));
    describe('the end of a subscription', () => subscriptionEndRules(store));
    describe('closing', () => closeRules(store));
    describe('size', () => sizeRules(store));
    describe('values', () => valueRules(store));
    describe('races', () => raceRules(store));
  });
}

// `npm run recover -- AGENCY --from URL… [--without AGENCY…]`: the own log, lost with its database or gone back to an old
// backup, fetched from the feeds of those who follow it, while the service is stopped. Exit 0 recovered, 1 refused, 2 usage.
import { runOffline } from './agency-program';

void runOffline('recover', '--from URL… [--without AGENCY…]', process.argv.slice(2));

// `npm run disclose -- AGENCY (EVENT_ID [--field NAME…] | --anchors) --out FILE`: what is to be shown of the private
// journal, while the service is stopped. Exit 0 written, 1 refused, 2 wrong usage.
import { runOffline } from './agency-program';

void runOffline('disclose', '(EVENT_ID [--field NAME…] | --anchors) --out FILE', process.argv.slice(2));

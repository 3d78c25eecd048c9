// `npm run fsck -- AGENCY [--json] [--no-views]`: everything that an agency keeps, compared with what it signed, while its
// service is stopped. Exit 0 whole, 1 damaged, 2 not checked.
import { runOffline } from './agency-program';

void runOffline('fsck', '[--json] [--no-views]', process.argv.slice(2));

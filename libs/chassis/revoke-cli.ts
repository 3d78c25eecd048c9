// `npm run revoke-key -- AGENCY --of PEER --key KEYID --last-good SIZE [--successor VKEY]`: this agency's word that a key
// of another's log is known to others, while the own service is stopped. Exit 0 written, 1 refused, 2 usage.
import { runOffline } from './agency-program';

void runOffline('revoke-key', '--of PEER --key KEYID --last-good SIZE [--successor VKEY]', process.argv.slice(2));

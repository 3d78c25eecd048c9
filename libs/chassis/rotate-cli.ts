// `npm run rotate-key -- AGENCY [--witness] [--overlap DAYS]`: the next key of the log, or of the witness, while the
// service is stopped. Its next start announces it in the log. Exit 0 made, 1 refused, 2 usage.
import { runOffline } from './agency-program';

void runOffline('rotate-key', '[--witness] [--overlap DAYS]', process.argv.slice(2));

// `npm run key-proof -- AGENCY`: the notes by which its two keys prove themselves to peers. Exit 0 printed, 1 no keys, 2 usage.
import { runOffline } from './agency-program';

void runOffline('key-proof', '', process.argv.slice(2));

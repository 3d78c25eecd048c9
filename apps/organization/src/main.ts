import { serve } from '#chassis/serve';

void serve('organization', []);

import { serve } from '#chassis/serve';

void serve('inspection', []);

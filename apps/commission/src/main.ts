import { serve } from '#chassis/serve';

void serve('commission', []);

// Verification with the powers of the commission (纪委监委): all issues but selection-and-appointment ones.
import { verificationOf } from '#joint/verification/verification';

export const authority = 'commission';
export const verification = verificationOf(authority);

// Verification with the powers of the organization (组织部): selection-and-appointment issues, and those alone.
import { verificationOf } from '#joint/verification/verification';

export const authority = 'organization';
export const verification = verificationOf(authority);

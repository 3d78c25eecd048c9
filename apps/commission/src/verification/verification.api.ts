// The verifier's desk of the commission, and an issue's page with its actions.
import { verificationApi, verifiedIssueApi } from '#joint/verification/verification.api';
import { authority, verification } from './verification';

export const VerificationApi = verificationApi(authority, verification);
export const VerifiedIssueApi = verifiedIssueApi(authority, verification);

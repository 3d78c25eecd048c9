// What starts a verification in the commission, and what of it the others learn.
import type { Slice } from '#chassis/slice';
import { verificationPublishing, verificationReactor } from '#joint/verification/verification.views';
import { authority, verification } from './verification';
import { VerificationApi, VerifiedIssueApi } from './verification.api';

export const verificationSlice: Slice = {
  name: 'verification',
  api: [VerificationApi, VerifiedIssueApi],
  publishing: [verificationPublishing(authority, verification)],
  reactors: [verificationReactor(authority, verification)],
};

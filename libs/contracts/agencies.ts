// What the agencies are called wherever people read.
import type { Agency } from '#kernel/envelope';

export const agencyNames: Readonly<Record<Agency, string>> = {
  commission: '纪委监委',
  organization: '组织部',
  inspection: '巡视办',
};

// Who takes part: three agencies with their keys, and the people who work there. Made once, since keys are dear.
import type { Actor, Agency } from '#kernel/envelope';
import { agencies } from '#kernel/envelope';
import type { AnyView } from '#kernel/view';
import type { Publishing, Reactor } from '#kernel/reactor';
import type { Role } from '#contracts/roles';
import { roles } from '#contracts/roles';
import { publisherOf } from '#chassis/publishing';
import type { Person } from '#chassis/person';
import { ledger } from '#joint/ledger/ledger';
import { rounds } from '#joint/ledger/rounds';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { ruleFor } from '#tlog/policy';
import type { Rule } from '#tlog/quorum';
import { receiptSlice as commissionReceipt } from '../../../apps/commission/src/receipt/receipt.views';
import { verificationSlice as commissionVerification } from '../../../apps/commission/src/verification/verification.views';
import { feedbackPublishing } from '../../../apps/inspection/src/feedback/feedback.views';
import { issueSlice } from '../../../apps/inspection/src/issue/issue.views';
import { roundSlice } from '../../../apps/inspection/src/round/round.views';
import { receiptSlice as organizationReceipt } from '../../../apps/organization/src/receipt/receipt.views';
import { verificationSlice as organizationVerification } from '../../../apps/organization/src/verification/verification.views';
import { told } from './told';

const origins = {
  commission: 'commission.example/events/v1',
  organization: 'organization.example/events/v1',
  inspection: 'inspection.example/events/v1',
} as const;
export const originOf = (agency: Agency): string => origins[agency];
/** Whose log or witness key has this name. */
export const agencyOf = (name: string): Agency => name.split('.')[0] as Agency;
const seedOf = (role: number, agency: Agency): Uint8Array => new Uint8Array(32).fill(role + agencies.indexOf(agency));

const byAgency = <T>(make: (agency: Agency) => T): Readonly<Record<Agency, T>> => ({
  commission: make('commission'),
  organization: make('organization'),
  inspection: make('inspection'),
});

export const logSeeds = byAgency((agency) => seedOf(60, agency));
export const logKeys = byAgency((agency) => signingKey(originOf(agency), LOG_KEY_TYPE, logSeeds[agency]));
export const witnessKeys = byAgency((agency) =>
  signingKey(`${agency}.example/witness/v1`, COSIGNER_KEY_TYPE, seedOf(80, agency)),
);
export const logVkeys = byAgency((agency) => formatVkey(logKeys[agency]));
export const witnessVkeys = byAgency((agency) => formatVkey(witnessKeys[agency]));
export const commitKeys = byAgency((agency) => seedOf(100, agency));

/** Both of the others must stand by a log (docs/guide): the rule names all three, and a log's own voice is taken away. */
const wholeRule: Rule = {
  kind: 'group',
  needed: 2,
  members: agencies.map((name) => ({ kind: 'witness', name })),
};
const named = agencies.map((name) => ({ name, key: witnessKeys[name] }));
export const rules = byAgency((agency) => ruleFor(wholeRule, named, originOf(agency)));

type Side = { readonly publishing: readonly Publishing[]; readonly reactors: readonly Reactor[] };
const sides: Readonly<Record<Agency, Side>> = {
  commission: {
    publishing: [...commissionReceipt.publishing!, ...commissionVerification.publishing!],
    reactors: [...commissionReceipt.reactors!, ...commissionVerification.reactors!],
  },
  organization: {
    publishing: [...organizationReceipt.publishing!, ...organizationVerification.publishing!],
    reactors: [...organizationReceipt.reactors!, ...organizationVerification.reactors!],
  },
  inspection: {
    publishing: [...roundSlice.publishing!, feedbackPublishing, ...issueSlice.publishing!],
    reactors: issueSlice.reactors!,
  },
};

export const publishers = byAgency((agency) => publisherOf(sides[agency].publishing));
export const reactorsOf = byAgency((agency) => sides[agency].reactors);
/** The joint read models that are the same everywhere, and the one made for checking. */
export const views: readonly AnyView[] = [ledger, rounds, told];

export const units = ['u1', 'u2'] as const;
const secretLogin = 'login-机密-7f3a';
/** Words that a person's account holds and no log may. */
export const secretSession = 'session-机密-51c0';
export const accountSecrets = [secretLogin, secretSession] as const;

/** One person of each role, those of a unit once for each unit. */
export function personOf(role: Role, unit?: string): Person {
  const { agency, sees } = roles[role];
  const id = unit === undefined ? role : `${role}-${unit}`;
  const own = sees === 'own' ? [unit ?? units[0]] : [];
  return {
    agency,
    id,
    name: `${roles[role].label}${unit ?? ''}`,
    role,
    ...(sees === 'own' && { unit: own[0]! }),
    login: secretLogin,
    session: secretSession,
    sees: sees === 'all' ? 'all' : own,
  };
}

export function systemOf(agency: Agency, reactor: string): Actor {
  return { agency, id: `system-${reactor}`, name: '系统', role: 'system' };
}

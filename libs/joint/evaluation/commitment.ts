// An agency's own part in an opening 共同启封: it commits to a value that nobody else may know yet (a score sheet, a nonce for
// a draw), and shows it when the convener has closed the opening over every party's commitment. Never before, whoever asks:
// there is no command that reveals, only one that notes the closing (contexts.md F7, I4; docs/spec/opening.md).
import type { JsonObject } from '#kernel/canonical-json';
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { Agency } from '#kernel/envelope';
import type { CivilDate } from '#kernel/working-days';
import { digestOf } from './digest';

/** What is opened together: score sheets of one organisation, or nonces of one draw. */
export type OpeningKind = 'sheet' | 'nonce';

export type Terms = {
  readonly kind: OpeningKind;
  readonly parties: readonly Agency[];
  /** Last civil day for commitments; before its end nobody may be left out. */
  readonly due: CivilDate;
};

/** What the convener closed over: a digest for each party, or its name among those left out. */
export type Closing = {
  readonly commits: { readonly [agency in Agency]?: string };
  readonly leftOut: readonly Agency[];
  /** The civil day of closing. */
  readonly on: CivilDate;
};

/** Why a party does not reveal: the closing is not what was agreed. */
export type Objection = 'otherCommit' | 'partyMissing' | 'beforeDue';

export type CommitmentEvent =
  | { type: 'OpeningNoted'; data: Terms }
  | { type: 'Committed'; data: { kind: OpeningKind; commit: string; value: JsonObject; salt: string } }
  | { type: 'Revealed'; data: { kind: OpeningKind; commit: string; value: JsonObject; salt: string } }
  | { type: 'ClosingObjected'; data: { kind: OpeningKind; objection: Objection } }
  | { type: 'LeftOut'; data: { kind: OpeningKind } };

export type CommitmentCommand =
  | ({ type: 'NoteOpening' } & Terms)
  | { type: 'Commit'; openingId: string; value: JsonObject; salt: string }
  | { type: 'NoteClosing'; closing: Closing };

export type CommitmentState = {
  readonly status: 'unknown' | 'open' | 'committed' | 'closed';
  readonly terms?: Terms;
  readonly own?: { readonly commit: string; readonly value: JsonObject; readonly salt: string };
};

export type Commitment = Decider<CommitmentState, CommitmentCommand, CommitmentEvent>;

/** The digest that binds a value to its opening and its author; the salt (32 random bytes, hex) hides it. */
export function commitTo(openingId: string, agency: Agency, value: JsonObject, salt: string): string {
  return digestOf('commitment', { openingId, agency, value, salt });
}

/** What a closing does that it must not; undefined when it may be followed. */
export function objectionTo(
  { parties, due }: Terms,
  { commits, leftOut, on }: Closing,
  own: { readonly agency: Agency; readonly commit?: string | undefined },
): Objection | undefined {
  const named = [...Object.keys(commits), ...leftOut].sort();
  if (named.join() !== [...parties].sort().join()) return 'partyMissing';
  if (leftOut.length && on <= due) return 'beforeDue';
  const { [own.agency]: commit } = commits;
  if (commit !== undefined && commit !== own.commit) return 'otherCommit';
  return undefined;
}

/** The rule book with the voice of one agency. */
export function commitmentOf(agency: Agency): Commitment {
  return {
    name: 'commitment',
    initial: { status: 'unknown' },
    decide(command, { status, terms, own }, { by }) {
      switch (command.type) {
        case 'NoteOpening': {
          const { type: _, ...data } = command;
          return status === 'unknown' && data.parties.includes(agency) ? [{ type: 'OpeningNoted', data }] : [];
        }
        case 'Commit': {
          const { openingId, value, salt } = command;
          demand(by.agency === agency && terms, 'commitment.none');
          demand(status !== 'closed', 'commitment.closed');
          demand(status !== 'committed', 'commitment.twice');
          demand(/^[0-9a-f]{64}$/.test(salt), 'commitment.salt');
          const commit = commitTo(openingId, agency, value, salt);
          return [{ type: 'Committed', data: { kind: terms.kind, commit, value, salt } }];
        }
        case 'NoteClosing': {
          // Closings of openings that this agency has no part in, and repetitions, say nothing here.
          if (!terms || status === 'closed') return [];
          const objection = objectionTo(terms, command.closing, { agency, commit: own?.commit });
          const { kind } = terms;
          if (objection) return [{ type: 'ClosingObjected', data: { kind, objection } }];
          return own && command.closing.commits[agency]
            ? [{ type: 'Revealed', data: { kind, ...own } }]
            : [{ type: 'LeftOut', data: { kind } }];
        }
      }
    },
    evolve(state, event) {
      switch (event.type) {
        case 'OpeningNoted':
          return { status: 'open', terms: event.data };
        case 'Committed': {
          const { commit, value, salt } = event.data;
          return { ...state, status: 'committed', own: { commit, value, salt } };
        }
        case 'Revealed':
        case 'ClosingObjected':
        case 'LeftOut':
          return { ...state, status: 'closed' };
      }
    },
  };
}

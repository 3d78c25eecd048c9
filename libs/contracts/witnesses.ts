// What consoles show of the witnesses: how far they stand by a record, and that a log was caught lying.
import type { Agency } from '#kernel/envelope';

/**
 * How far the other agencies stand by what a log says: `recorded`, `witnessed` by at least one of them, `final` once
 * enough of them have cosigned it. Read from how far each has cosigned, never stored with a record.
 */
export type WitnessStatus = 'recorded' | 'witnessed' | 'final';

/** A contradiction in what a log has signed, or its silence: shown on every page until people have settled it. */
export type Alarm = { readonly origin: string; readonly agency: Agency; readonly sentence: string };

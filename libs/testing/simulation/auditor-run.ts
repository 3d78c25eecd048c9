// The outsider: reads each log over the network now and then, believes what libs/tlog's verifier proves, and keeps it.
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { LogFault, verifyLog } from '#tlog/log-reader';
import { Unreachable } from './network';
import { logVkeys, originOf } from './parties';
import { Program } from './scheduler';
import type { World } from './world';

type Audited = { readonly size: bigint; readonly root: Uint8Array; readonly entries: readonly Uint8Array[] };

export class AuditorRun {
  readonly audited = new Map<Agency, Audited>();
  private readonly program = new Program('auditor');

  constructor(private readonly world: World) {
    world.scheduler.repeat({
      program: this.program,
      label: 'audits',
      weight: 1,
      work: () => this.audit(world.random.pick(agencies)),
    });
  }

  async auditAll(): Promise<void> {
    for (const agency of agencies) await this.audit(agency);
  }

  private async audit(agency: Agency): Promise<void> {
    const past = this.audited.get(agency);
    const entries: Uint8Array[] = [];
    try {
      const { size, root } = await verifyLog(this.world.feeds.source(this.program, 'auditor', agency), {
        vkey: logVkeys[agency],
        onEntry: (entry) => void entries.push(new Uint8Array(entry)),
        ...(past && { past }),
      });
      this.audited.set(agency, { size, root, entries });
    } catch (error) {
      // Away, damaged on the way, or an older state: he asks another time.
      if (!(error instanceof LogFault || error instanceof Unreachable)) throw error;
    }
  }

  held(): { origin: string; entries: readonly Uint8Array[]; forks: [] }[] {
    return agencies.map((agency) => {
      return { origin: originOf(agency), entries: this.audited.get(agency)?.entries ?? [], forks: [] };
    });
  }
}

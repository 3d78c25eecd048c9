// In-process hints that something has moved on. A hint may be lost: whoever listens also looks for himself now and then.
import { Subject } from 'rxjs';
import type { Subscription } from 'rxjs';

export type Beat =
  | { readonly kind: 'log'; readonly size: number }
  | { readonly kind: 'inbox'; readonly origin: string; readonly size: number }
  | { readonly kind: 'view'; readonly view: string }
  | { readonly kind: 'peer'; readonly origin: string }
  /** A witness has cosigned more of a log. */
  | { readonly kind: 'witness'; readonly origin: string };

export class Pulse {
  readonly beats = new Subject<Beat>();
  tell(beat: Beat): void {
    this.beats.next(beat);
  }
}

/** Remembers a hint that came while its listener was busy, so that looking and then waiting loses nothing. */
export class Wake {
  private pending = false;
  private release: (() => void) | undefined;
  private readonly subscription: Subscription;

  constructor(pulse: Pulse, wanted: (beat: Beat) => boolean, signal: AbortSignal) {
    this.subscription = pulse.beats.subscribe((beat) => {
      if (wanted(beat)) this.rouse();
    });
    const end = (): void => {
      this.subscription.unsubscribe();
      this.rouse();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  }

  /** Resolves at the next hint, at once when one came since the last call, or after so many milliseconds. */
  async next(milliseconds: number): Promise<void> {
    if (!this.pending && !this.subscription.closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.release = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.release = undefined;
    this.pending = false;
  }

  private rouse(): void {
    this.pending = true;
    this.release?.();
  }
}

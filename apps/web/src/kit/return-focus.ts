import { useEffect, useState } from 'react';

/** When what was opened closes, the keyboard goes back to where it was. */
export function useReturnFocus(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // After the close has been drawn; the opener may be gone, e.g. a task that is done.
      window.setTimeout(() => {
        if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
      });
    },
    [opener],
  );
}

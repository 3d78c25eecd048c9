// What an agency shows of its events: the product's rule, and what may be planted in it.
import type { Agency } from '#kernel/envelope';
import type { Publisher } from '#chassis/publishing';
import { accountSecrets, publishers } from './parties';
import type { World } from './world';

export function publisherIn(world: World, agency: Agency): Publisher {
  const publish = publishers[agency];
  // Planted `account-published`, `secret-published`: a field too many is shown, out of the account or of a draft.
  if (world.has('account-published')) return changed(publish, () => accountSecrets[0]);
  if (world.has('secret-published')) return changed(publish, () => world.recorder.secrets.at(-1)?.text);
  return publish;
}

function changed(publish: Publisher, word: () => string | undefined): Publisher {
  return (event) => {
    const shown = publish(event);
    const added = word();
    return shown && added !== undefined ? { ...shown, data: { ...shown.data, text: added } } : shown;
  };
}

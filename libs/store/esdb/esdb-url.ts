// What an address of an event store may say. The client only warns about options it does not know, drops credentials
// without a word when TLS is off, and takes a colon in a password for its end; a store with a doubtful address is
// refused here instead, with the remedy.

export type EsdbAddress = {
  /** For the client: `esdb://…` with the leader preferred. */
  readonly connectionString: string;
  /** Given to each append: it makes the client send one call for it, whose deadline and outcome are its own. */
  readonly credentials: { readonly username: string; readonly password: string };
  /** Hosts alone, fit to be logged. */
  readonly shown: string;
};

const form =
  /^(?<scheme>esdb|kurrentdb)(?<discover>\+discover)?:\/\/(?:(?<user>[^@/?]*)@)?(?<hosts>[^/?@]+)\/?(?<query>\?.*)?$/;
const host = /^[a-z0-9.-]+(:\d{1,5})?$/i;
const loopback = /^(localhost|127(\.\d{1,3}){3})(:\d+)?$/i;
/** Option names in lower case, as the client reads them in any case. */
const options = [
  'tls',
  'tlscafile',
  'usercertfile',
  'userkeyfile',
  'nodepreference',
  'connectionname',
  'keepaliveinterval',
  'keepalivetimeout',
  'gossiptimeout',
  'discoveryinterval',
  'maxdiscoverattempts',
];

/** @throws Error with the remedy; its message never holds the credentials */
export function esdbAddress(url: string): EsdbAddress {
  const parts = form.exec(url)?.groups;
  const hosts = parts?.['hosts']?.split(',') ?? [];
  if (!parts || !hosts.every((each) => host.test(each))) {
    refuse('is not of the form esdb://[user:password@]host:port[,host:port…][?option=value]', 'write it so');
  }
  const query = new URLSearchParams(parts['query'] ?? '');
  for (const [name, value] of query) demandOption(name.toLowerCase().replace(/[_-]/g, ''), name, value);
  const credentials = credentialsOf(parts['user']);
  const plain = [...query].some(([name, value]) => name.toLowerCase() === 'tls' && value === 'false');
  if (plain && credentials && !hosts.every((each) => loopback.test(each))) {
    refuse('would send credentials without TLS to another machine', 'take tls=false away, or the credentials');
  }
  if (![...query.keys()].some((name) => name.toLowerCase() === 'nodepreference'))
    query.append('nodePreference', 'leader');
  const account = parts['user'] === undefined ? '' : `${parts['user']}@`;
  const where = `${hosts.join(',')}`;
  return {
    connectionString: `esdb${parts['discover'] ?? ''}://${account}${where}?${query}`,
    credentials: credentials ?? { username: '', password: '' },
    shown: where,
  };
}

function demandOption(known: string, name: string, value: string): void {
  if (!options.includes(known)) {
    // Its value may be a secret: user names and passwords as options are the commonest of such mistakes.
    refuse(`has the option ${name}, which means nothing here`, 'credentials stand before the host; take it away');
  }
  if (known === 'tls' && value !== 'true' && value !== 'false')
    refuse('has a tls that is neither', 'write true or false');
  // A follower may lag: what was just acknowledged would seem to be lost.
  if (known === 'nodepreference' && value.toLowerCase() !== 'leader') {
    refuse(`prefers the node ${value}`, 'only nodePreference=leader shows what was just written');
  }
}

function credentialsOf(user: string | undefined): EsdbAddress['credentials'] | undefined {
  if (user === undefined) return undefined;
  const [username = '', password = '', ...rest] = user.split(':').map(decoded);
  if (username === '' || password === '' || rest.length > 0) {
    refuse('has credentials that are not user:password', 'write a colon or an @ within them as %3A or %40');
  }
  return { username, password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('has a percent sign that stands for nothing', 'write a percent sign as %25');
  }
}

function refuse(what: string, remedy: string): never {
  throw new Error(`the address of the event store ${what}; ${remedy}`);
}

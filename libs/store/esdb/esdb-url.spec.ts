import { esdbAddress } from './esdb-url';

describe('the address of an event store', () => {
  it.each([
    ['esdb://node-1:2113', 'esdb://node-1:2113?nodePreference=leader'],
    ['kurrentdb://node-1:2113', 'esdb://node-1:2113?nodePreference=leader'],
    ['esdb+discover://cluster.county.example', 'esdb+discover://cluster.county.example?nodePreference=leader'],
    ['esdb://a:1,b:2,c:3?tls=true', 'esdb://a:1,b:2,c:3?tls=true&nodePreference=leader'],
    ['esdb://u:p%3A1@127.0.0.1:2113/?tls=false', 'esdb://u:p%3A1@127.0.0.1:2113?tls=false&nodePreference=leader'],
    ['esdb://node-1?nodePreference=leader', 'esdb://node-1?nodePreference=leader'],
  ])('given %s, then the client is given %s', (url, connectionString) => {
    expect(esdbAddress(url).connectionString).toBe(connectionString);
  });

  it('keeps credentials apart from what is shown, and understands an escaped colon', () => {
    const { credentials, shown } = esdbAddress('esdb://clerk:a%3Ab%40c@node-1:2113,node-2:2113');
    expect(credentials).toEqual({ username: 'clerk', password: 'a:b@c' });
    expect(shown).toBe('node-1:2113,node-2:2113');
  });

  it.each([
    ['esdb://clerk:secret@node-1:2113?tls=false', 'would send credentials without TLS to another machine'],
    ['esdb://clerk:secret@127.0.0.1,node-1?tls=false', 'would send credentials without TLS to another machine'],
    ['esdb://clerk:secret@127.0.0.1.example.org?tls=false', 'would send credentials without TLS to another machine'],
    ['esdb://clerk:secret@node-1?TLS=false', 'would send credentials without TLS to another machine'],
    ['esdb://clerk:sec:ret@node-1', 'has credentials that are not user:password'],
    ['esdb://clerk@node-1', 'has credentials that are not user:password'],
    ['esdb://clerk:secret%@node-1', 'has a percent sign that stands for nothing'],
    ['esdb://node-1?username=clerk&password=secret', 'has the option username'],
    ['esdb://node-1?tlsVerifyCert=false', 'has the option tlsVerifyCert'],
    ['esdb://node-1?throwOnAppendFailure=false', 'has the option throwOnAppendFailure'],
    ['esdb://node-1?nodePreference=follower', 'prefers the node follower'],
    ['esdb://node-1?tls=no', 'has a tls that is neither'],
    ['esdb://', 'is not of the form'],
    ['http://node-1:2113', 'is not of the form'],
    ['esdb://node 1', 'is not of the form'],
  ])('given %s, then it is refused, and the secret is not repeated', (url, what) => {
    let message = '';
    try {
      esdbAddress(url);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(what);
    expect(message).toContain('; ');
    expect(message).not.toMatch(/secret|sec:ret/);
  });
});

import { selfFaultWords } from '#contracts/self-check';
import { selfCheckSentence } from './sentences';

describe("the sentence about an agency's own finding", () => {
  it.each(['root', 'leftOut', 'tile', 'bundle', 'bundleEnd', 'earlierFile', 'peerRoot', 'missing', 'row', 'noEvent'])(
    'is Chinese throughout for %s',
    (fault) => {
      expect(selfCheckSentence({ fault })).toContain(selfFaultWords(fault) as string);
      expect(selfCheckSentence({ fault })).not.toMatch(/[A-Za-z]/);
    },
  );

  it.each([undefined, 17, 'toString', 'a code of a later version'])('says where to look for %j', (fault) => {
    const said = selfCheckSentence({ fault });
    expect(said).toContain('请该机关查看');
    expect(said).not.toContain(String(fault));
  });

  it("names the peer whose copy was changed, and repeats nothing that is no log's name", () => {
    expect(selfCheckSentence({ fault: 'row', origin: 'commission.sanfang.example/events/v1' })).toContain(
      '(对方日志 commission.sanfang.example/events/v1 的副本)',
    );
    expect(selfCheckSentence({ fault: 'row', origin: 'a\u001b[2J' })).toBe(selfCheckSentence({ fault: 'row' }));
  });
});

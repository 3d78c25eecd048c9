import type { RoundLine } from '#contracts/answers';
import { paths, registerFeedback } from '#contracts/api';
import { Button, Form, Input, Select } from 'antd';
import { useNavigate } from 'react-router';
import { fieldRule } from '../kit/field-rule';
import { FileDrop } from '../kit/file-drop';
import { say } from '../kit/notice';
import { RefusalNote } from '../kit/refusal-note';
import { useSend } from '../kit/use-send';

type Values = { roundId: string; feedbackDate: string; file: File };

/** One feedback text in: txt or docx, with the round it belongs to and the date it was given. */
export function UploadForm({ rounds }: { rounds: readonly RoundLine[] }) {
  const navigate = useNavigate();
  const { submit, sending, refusal } = useSend();

  async function finish({ roundId, feedbackDate, file }: Values): Promise<void> {
    const body = new FormData();
    body.append('roundId', roundId);
    body.append('feedbackDate', feedbackDate);
    body.append('file', file);
    const done = await submit(paths.feedbacks, body);
    if (done === undefined) return;
    say('已导入，请核对找到的问题。');
    await navigate(`/feedbacks/${done.answer.id}`);
  }
  return (
    <section className="panel" aria-labelledby="upload-heading">
      <h2 id="upload-heading">导入反馈意见</h2>
      <Form<Values>
        layout="vertical"
        className="upload"
        initialValues={{ roundId: rounds[0]?.roundId }}
        onFinish={(values) => void finish(values)}
      >
        <Form.Item name="roundId" label="轮次" rules={[{ required: true, message: '请选择轮次' }]}>
          <Select options={rounds.map(({ roundId, name }) => ({ value: roundId, label: name }))} />
        </Form.Item>
        <Form.Item
          name="feedbackDate"
          label="反馈日期"
          required
          rules={[fieldRule(registerFeedback.shape.feedbackDate, '反馈日期')]}
        >
          <Input type="date" max="2100-12-31" className="date" />
        </Form.Item>
        <Form.Item
          name="file"
          label="反馈意见文件"
          className="upload-file"
          rules={[{ required: true, message: '请选择反馈意见文件' }]}
        >
          <FileDrop label="反馈意见文件" accept=".txt,.docx" hint="把 txt 或 docx 文件拖到这里，或点按钮选择" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={sending}>
          导入
        </Button>
      </Form>
      <RefusalNote refusal={refusal} />
    </section>
  );
}
